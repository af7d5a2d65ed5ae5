import { register, untilText, untilView } from '../../e2e/headless.ts';
import type { FileItem } from '../../web/src/engine/index.ts';
import type { Trial } from './index.ts';

/** How long all of it may take, in ms: new accounts cost seconds of Argon2id. */
const patience = 120_000;

/** Two people and all that lies between them: sign-up, room, invitation, socket, message, file, and out again. */
export const meeting: Trial = {
  name: 'two people meet, talk, exchange a file and delete their accounts',
  async run(origin) {
    let late: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, failed) => {
      late = setTimeout(() => failed(new Error(`not done after ${patience / 1000} s`)), patience);
    });
    await Promise.race([meet(origin), timeout]).finally(() => clearTimeout(late));
  },
};

async function meet(origin: string): Promise<void> {
  const people: Awaited<ReturnType<typeof register>>[] = [];
  try {
    for (const name of ['Smoke', 'Test']) people.push(await register(origin, name));
    const [ana, ben] = people as [(typeof people)[0], (typeof people)[0]];
    const room = await ana.createRoom('Smoke test');
    await ben.join(await ana.room(room).invite());
    await ana.room(room).send('Does it work?');
    await untilText(ben, room, 'Does it work?');
    await ben.room(room).send('It does.');
    await untilText(ana, room, 'It does.');
    const sent = new Uint8Array(300_000).fill(7);
    await ana.room(room).sendFile(new File([sent], 'smoke.bin'));
    const view = await untilView(ben, room, ({ timeline }) => timeline.some(({ kind }) => kind === 'file'));
    const item = view.timeline.find((each): each is FileItem => each.kind === 'file') as FileItem;
    const got = await (await (await ben.room(room).openFile(item)).blob()).bytes();
    if (Buffer.compare(got, sent) !== 0) throw new Error('the file came as another one');
  } finally {
    // Files go with the account that sent them.
    for (const person of people) {
      await person.deleteAccount(person.account.password);
      await person.close();
    }
  }
}
