import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { Store } from '../store/store.ts';
import { DevicePreferences } from './preferences.ts';

it('what is chosen holds, whatever else is chosen or read at the same time', async () => {
  const store = await Store.open(`preferences-${crypto.randomUUID()}`);
  const preferences = new DevicePreferences();
  await preferences.read(store);
  await Promise.all([
    preferences.change(store, { sounds: false }),
    preferences.read(store),
    preferences.change(store, { quiet: { from: 0, to: 60 } }),
    preferences.read(store),
  ]);
  const chosen = { sounds: false, quiet: { from: 0, to: 60 } };
  expect(preferences.now).toMatchObject(chosen);
  expect(await store.get('preferences', 'me')).toMatchObject(chosen);
  store.close();
});
