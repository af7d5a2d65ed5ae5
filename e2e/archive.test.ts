import { expect, it } from 'vitest';
import { type Engine, until } from '../web/src/engine/index.ts';
import { letIn, openEngine, register, untilText } from './headless.ts';
import { openLiar } from './liar.ts';
import { closeLater, startSystem, system } from './started.ts';

startSystem({ web: false });
const person = async (name: string) => closeLater(await register(system.url, name));

const passphrase = 'a passphrase for the shelf';
const words = '<script>alert("one & two")</script>';

/** Ana's diary, in which Ben has answered; then something was changed, and something taken back. */
async function diary() {
  const ana = await person('Ana');
  const ben = await person('Ben');
  const room = await ana.createRoom('Diary & more');
  await letIn(ana, room, ben);
  await ana.room(room).send(words);
  await untilText(ben, room, words);
  await ben.room(room).send('I wil read it');
  const { timeline } = await untilText(ana, room, 'I wil read it');
  const slip = timeline.find((item) => item.kind === 'text' && item.text === 'I wil read it')!;
  await ben.room(room).edit(slip.id, 'I will read it');
  await ana.room(room).send('a secret that I regret');
  const view = await untilText(ana, room, 'a secret that I regret');
  await untilText(ana, room, 'I will read it');
  const regret = view.timeline.find((item) => item.kind === 'text' && item.text.includes('regret'))!;
  if (regret.kind !== 'text') throw new Error('no text');
  await ana.room(room).delete(regret);
  await ana.room(room).send('the end');
  await untilText(ana, room, 'the end');
  return { ana, ben, room };
}

it('a readable export has what was said as it is now, and nothing that was written can run in it', async () => {
  const { ana } = await diary();
  const json = JSON.parse(await (await ana.exportReadable('json')).text());
  expect(json).toMatchObject({
    format: 'stream-chat export',
    v: 1,
    account: { name: 'Ana', email: ana.account.email },
  });
  expect(json.rooms).toHaveLength(1);
  expect(json.rooms[0]).toMatchObject({ name: 'Diary & more', members: ['Ana', 'Ben'] });
  expect(
    json.rooms[0].messages.map(({ author, kind, text, edited }: Record<string, unknown>) => [
      author,
      kind,
      text,
      edited,
    ]),
  ).toEqual([
    ['Ana', 'text', words, undefined],
    ['Ben', 'text', 'I will read it', true],
    ['Ana', 'deleted', undefined, undefined],
    ['Ana', 'text', 'the end', undefined],
  ]);
  const html = await (await ana.exportReadable('html')).text();
  expect(html).toContain('&lt;script&gt;alert(&quot;one &amp; two&quot;)&lt;/script&gt;');
  expect(html).not.toContain('<script');
  expect(html).not.toContain('regret');
});

it('an archive opens by its passphrase alone, whole or not at all, for its own account', async () => {
  const { ana, ben } = await diary();
  const file = await ana.exportArchive(passphrase);
  const text = await file.text();
  for (const hidden of ['Diary', 'the end', ana.account.email]) expect(text).not.toContain(hidden);
  const reason = (engine: Engine, archive: Blob, phrase = passphrase) =>
    engine.restoreArchive({ file: archive, passphrase: phrase }).then(
      () => 'restored',
      (error) => error.reason,
    );
  const lines = text.split('\n');
  expect(await reason(ana, file, 'another passphrase')).toBe('wrong-passphrase');
  expect(await reason(ana, new Blob([lines.slice(0, -1).join('\n')]))).toBe('no-archive');
  expect(await reason(ana, new Blob(['not an archive']))).toBe('no-archive');
  expect(await reason(ben, file)).toBe('other-account');
  expect(await ana.restoreArchive({ file, passphrase })).toEqual({ messages: 0, rooms: 0, missing: [] });
});

it('what a new device cannot read, as the service has lost its keys, comes back from an archive', async () => {
  const ana = await person('Ana');
  const [room, left] = [await ana.createRoom('Diary'), await ana.createRoom('Left')];
  for (const each of [room, left]) {
    await ana.room(each).send('from the shelf');
    await untilText(ana, each, 'from the shelf');
  }
  const file = await ana.exportArchive(passphrase);
  await ana.room(left).leave();

  const forgetful = await openLiar(system.url);
  forgetful.answer = ({ method, path }, reply) =>
    method === 'GET' && path.startsWith('/keys/backup') ? { items: [], next: null } : reply;
  const laptop = closeLater(await openEngine({ url: forgetful.url }));
  await laptop.login(ana.account);
  const seen = await until(laptop.room(room).view, ({ connection }) => connection === 'online');
  expect(seen.timeline.filter(({ kind }) => kind === 'text')).toEqual([]);
  expect(await laptop.restoreArchive({ file, passphrase })).toEqual({
    messages: 1,
    rooms: 1,
    missing: ['Left'],
  });
  await untilText(laptop, room, 'from the shelf');
  expect((await laptop.find('shelf')).total).toBe(1);
  await forgetful.close();
});
