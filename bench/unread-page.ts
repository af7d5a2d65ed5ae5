// In a browser: people who talk while somebody is away, and how long that one's keys take to catch up.
import { uuidv7 } from 'uuidv7';
import { createInvite, inviteKeyOf, signByInvite } from '../crypto/room/index.ts';
import { packed, runs, toPart } from '../durable-objects/frames.ts';
import { toBase64 } from '../protocol/bytes.ts';
import type { RosterEntry, SignedEntry } from '../protocol/roster.ts';
import { ServerFrame } from '../protocol/socket.ts';
import type { KeyHost } from '../web/src/engine/crypto/index.ts';
import { startRemoteHost } from '../web/src/engine/crypto/remote.ts';
import { TestDevice } from '../web/src/engine/crypto/testing/device.ts';
import { Service } from '../web/src/engine/crypto/testing/service.ts';
import { RosterLog } from '../web/src/engine/rooms/roster.ts';

type Rest<E> = E extends RosterEntry ? Omit<E, 'v' | 'room' | 'seq' | 'prev' | 'by' | 'at'> : never;

const speakers = 3;
/** How many texts somebody says in a row. */
const burst = 5;
const profile = toBase64(new Uint8Array(40));

/** What people write: mostly a line, sometimes a paragraph, seldom a page; as many characters as stand here, in turn. */
const lengths = [12, 40, 75, 8, 130, 55, 22, 350, 90, 33, 60, 18, 600, 45, 110, 27, 70, 15, 200, 2400];

/** A room of `speakers`, who have said `messages` texts, and `readers`, who have heard nothing yet. */
async function talk(messages: number, readers: number) {
  const service = new Service();
  const room = uuidv7();
  const invite = createInvite(room);
  const log = new RosterLog(room);
  const people: TestDevice[] = [];
  const entry = async (by: TestDevice, rest: Rest<RosterEntry>) => {
    const { seq, head: prev } = log.entries.length ? log.verified.roster : { seq: -1, head: null };
    const link = { v: 1, room, seq: seq + 1, prev, by: by.id, at: Date.now() };
    const signed: SignedEntry = await by.do((host) => host.signEntry({ ...link, ...rest } as RosterEntry));
    await log.add([rest.kind === 'joined' ? signByInvite(signed, invite) : signed]);
  };
  for (let i = 0; i < speakers + readers; i++) {
    const person = await TestDevice.create(service);
    people.push(person);
    const { identityKey } = person;
    if (i > 0) await entry(person, { kind: 'joined', identityKey, inviteKey: inviteKeyOf(invite), profile });
    else {
      await entry(person, { kind: 'created', identityKey, profile });
      const terms = { role: 'member', expires: Date.now() + 1e10, uses: 100, sealed: profile } as const;
      await entry(person, { kind: 'invite', inviteKey: inviteKeyOf(invite), ...terms });
    }
  }
  for (const person of people) await person.enter(room, [...log.entries]);
  for (let said = 0; said < messages; ) {
    const speaker = people[Math.floor(said / burst) % speakers]!;
    for (const end = Math.min(messages, said + burst); said < end; said++)
      await speaker.write(room, `${said} `.padEnd(lengths[said % lengths.length]!, 'Lorem ipsum dolor '));
    await speaker.flush(room);
    const sent = await speaker.store.list('outbox');
    await speaker.change((draft) => {
      for (const [key] of sent) draft.delete('outbox', key);
    });
  }
  return { service, room, readers: people.slice(speakers) };
}

/** Begins a talk; what it answers takes one reader after the other. */
async function begin(messages: number, readers: number): Promise<void> {
  const { service, room, readers: people } = await talk(messages, readers);

  /**
   * How long the next reader takes, in milliseconds: from the frames' text to everything decrypted and in IndexedDB. Their keys'
   * worker is fresh, as after opening the app.
   */
  async function read(): Promise<number> {
    const reader = people.at(-1)!;
    const spawn = () =>
      new Worker(new URL('../web/src/engine/crypto/host.worker.ts', import.meta.url), { type: 'module' });
    const settings = { storeName: reader.storeName, transport: 'body', deviceName: 'Reader' } as const;
    const host = startRemoteHost(spawn)(settings, service.apiFor(reader.id));
    await host.open();
    const parts = service.for(reader.id, reader.address).map(toPart);
    const frames = [...runs(parts)].map((run) => packed(run, reader.id)!);
    const began = performance.now();
    for (const text of frames) await take(host, room, text);
    const took = performance.now() - began;
    host.close();
    return took;
  }

  /** Throws unless that reader has every text. */
  async function check(): Promise<void> {
    const { store } = people.pop()!;
    const rows = await store.list('messages', `${room}/`);
    const texts = rows.filter(([, { content }]) => content.kind === 'text').length;
    if (texts !== messages) throw new Error(`${texts} of ${messages} messages were read`);
  }
  Object.assign(globalThis, { read, check });
}

/** As the room's socket hands a frame on. */
async function take(host: KeyHost, room: string, text: string): Promise<void> {
  const frame = ServerFrame.parse(JSON.parse(text));
  if (frame.t === 'message') await host.receive(room, frame.items, false);
}

Object.assign(globalThis, { begin });
