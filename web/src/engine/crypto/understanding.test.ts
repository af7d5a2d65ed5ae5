import 'fake-indexeddb/auto';
import { afterEach, expect, it } from 'vitest';
import type { Content } from '../../../../protocol/content.ts';
import { lacksFaces, newKinds } from '../store/kinds.ts';
import { messageKey, type Row } from '../store/store.ts';
import { TestDevice } from './testing/device.ts';
import { TestRoom } from './testing/room.ts';
import { Service } from './testing/service.ts';

const devices: TestDevice[] = [];
afterEach(() => {
  for (const device of devices.splice(0)) device.close();
});

/** Ana's room with Ben in it, who has read on with a version that did not know of `kinds` what Ana says meanwhile. */
async function behind(kinds: readonly string[], said: readonly Content[]) {
  const service = new Service();
  const [ana, ben] = [await TestDevice.create(service), await TestDevice.create(service)];
  devices.push(ana, ben);
  const room = new TestRoom();
  await room.begin([ana, ben]);
  for (const content of said) await ana.say(room.id, content);
  await ben.catchUp(room.id);
  const row = (await ben.store.get('rooms', room.id))!;
  const { picture: _, pins: __, lasts: ___, ...bare } = row;
  await ben.change((draft) => {
    draft.delete('profiles', `${room.id}/${ana.id}`);
    draft.put('rooms', room.id, { ...bare, kinds: [...kinds] });
  });
  const stored = async () => (await ben.store.get('rooms', room.id))!;
  const known = () => ben.store.get('profiles', `${room.id}/${ana.id}`);
  return { ana, ben, room: room.id, stored, known };
}

const profile = { name: 'Annabella', since: 1 } as const;

it('what came before its kind was known counts once it is', { timeout: 60_000 }, async () => {
  const { ana, ben, room, stored, known } = await behind(
    ['text'],
    [
      { kind: 'timer', lasts: 60 },
      { kind: 'profile', ...profile },
      { kind: 'text', body: 'hello', lasts: 60 },
      { kind: 'room', picture: 'AAAA' },
      { kind: 'timer', lasts: 0 },
    ],
  );
  // What comes now does not hide that something is missing.
  await ana.say(room, { kind: 'text', body: 'later' });
  await ben.catchUp(room);
  expect(newKinds(await stored()).has('profile')).toBe(true);
  expect(await known()).toBeUndefined();
  await ben.do((host) => host.understand(room));
  expect(await known()).toMatchObject(profile);
  expect(await stored()).toMatchObject({ lasts: 0, picture: 'AAAA' });
  expect(newKinds(await stored()).size).toBe(0);
  expect(await ben.texts(room)).toEqual(['hello', 'later']);
});

it('a room from before kinds were noted lacks profiles, and nothing else', { timeout: 60_000 }, async () => {
  const { ben, room, stored, known } = await behind([], [{ kind: 'profile', ...profile }]);
  const { kinds: _, ...old } = await stored();
  await ben.change((draft) => draft.put('rooms', room, { ...old, lasts: 7 }));
  expect([...newKinds(await stored())]).toEqual(['profile']);
  expect(lacksFaces(await stored())).toBe(true);
  await ben.do((host) => host.understand(room));
  expect(await known()).toMatchObject(profile);
  expect((await stored()).lasts).toBe(7);
  expect(lacksFaces(await stored())).toBe(false);
});

it('nonsense of a kind that was not known is no more than that, once it is', {
  timeout: 60_000,
}, async () => {
  const { ben, room, stored, known } = await behind([], [{ kind: 'profile', ...profile }]);
  const key = messageKey(room, (await stored()).cursor);
  const message = (await ben.store.get('messages', key))!;
  const content = { kind: 'profile', name: 5 } as Row<'messages'>['content'];
  await ben.change((draft) => draft.put('messages', key, { ...message, content }));
  await ben.do((host) => host.understand(room));
  expect(await known()).toBeUndefined();
  expect(await ben.texts(room)).toEqual(['unreadable: malformed']);
});
