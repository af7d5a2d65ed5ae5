// In the page of somebody who is signed in: puts messages into the app's own sealed store, as if they had always been there.
import { uuidv7 } from 'uuidv7';
import { putMessage } from '../../web/src/engine/store/messages.ts';
import { Store } from '../../web/src/engine/store/store.ts';

const line = 'a line that somebody says in passing, and says a little more of it now and then. ';

/** Fills `room` with `count` messages of the account's own and of `other`, of one to six lines, a minute apart. */
async function fillRoom(room: string, count: number, other: string): Promise<void> {
  const store = await Store.open('stream-chat');
  const me = (await store.get('account', 'me'))!.id;
  const first = Date.now() - count * 60_000;
  let draft = store.draft();
  for (let seq = 1; seq <= count; seq++) {
    const body = `Number ${seq}: ${line.repeat(1 + ((seq * 7) % 11 === 0 ? 5 : (seq * 5) % 3))}`;
    // Runs of three by one author.
    const sender = seq % 6 < 3 ? me : other;
    putMessage(draft, room, {
      id: uuidv7(),
      seq,
      sender,
      at: first + seq * 60_000,
      content: { kind: 'text', body },
    });
    if (seq % 2000 === 0 || seq === count) {
      await draft.commit('relaxed');
      draft = store.draft();
    }
  }
  const row = (await store.get('rooms', room))!;
  await store.write([{ table: 'rooms', key: room, value: { ...row, cursor: count } }]);
  store.close();
}

Object.assign(globalThis, { fillRoom });
