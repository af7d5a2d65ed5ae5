// A deployment and a rollback, with people in between: clients and servers of this version and of the one before, in every pairing, over
// the same data and in one room.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { freePort } from '../local/ports.ts';
import { startSystem } from '../local/system.ts';
import { register, texts, untilText, untilView } from './headless.ts';
import {
  checkOut,
  howToGetPrevious,
  person,
  previousRevision,
  Remote,
  removeCheckout,
  server,
} from './previous.ts';

const revision = previousRevision();
if (revision === undefined) console.log(howToGetPrevious);

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

it.skipIf(revision === undefined)(
  'who has the page of before, and who has the new one, talk on while the server is replaced, and rolled back',
  async () => {
    const before = await checkOut(revision as string);
    cleanups.push(() => removeCheckout(before));
    const dataDir = mkdtempSync(join(tmpdir(), 'stream-chat-skew-'));
    cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const ours = async () => {
      const system = await startSystem({ dataDir, port, web: false, env: { LIMIT_PER_ADDRESS: '10000' } });
      return () => system.stop();
    };
    const theirs = async () => {
      const [remote] = await Remote.start(before, 'server', server, [dataDir, String(port)]);
      return () => remote.end();
    };

    let stop = await theirs();
    cleanups.push(() => stop());
    const ana = await register(url, 'Ana');
    cleanups.push(() => ana.close());
    const room = await ana.createRoom('Skew');
    const [ben] = await Remote.start(before, 'person', person, [
      url,
      await ana.room(room).invite({ uses: 5 }),
    ]);
    cleanups.push(() => ben.end());
    // A version of before may not read what was encrypted before its coming was heard of.
    await untilView(ana, room, ({ members }) => members.length === 2);

    const said: string[] = [];
    const talk = async (where: string) => {
      const [fromAna, fromBen] = [`Ana, on the server ${where}`, `Ben, on the server ${where}`];
      await ana.room(room).send(fromAna);
      await ben.ask({ hear: fromAna });
      await ben.ask({ say: fromBen });
      await untilText(ana, room, fromBen);
      said.push(fromAna, fromBen);
    };
    await talk('of before');
    await stop();
    stop = await ours();
    await talk('of now');
    await stop();
    stop = await theirs();
    await talk('of before, again');
    expect(texts(ana.room(room).view.get())).toEqual(said);
  },
);
