// In a browser: people who talk while somebody is away, and how long that one's keys take to catch up.
import { packed, runs, toPart } from '../durable-objects/frames.ts';
import { ServerFrame } from '../protocol/socket.ts';
import type { KeyHost } from '../web/src/engine/crypto/index.ts';
import { startRemoteHost } from '../web/src/engine/crypto/remote.ts';
import { TestDevice } from '../web/src/engine/crypto/testing/device.ts';
import { TestRoom } from '../web/src/engine/crypto/testing/room.ts';
import { Service } from '../web/src/engine/crypto/testing/service.ts';

const speakers = 3;
/** How many texts somebody says in a row. */
const burst = 5;

/** What people write: mostly a line, sometimes a paragraph, seldom a page; as many characters as stand here, in turn. */
const lengths = [12, 40, 75, 8, 130, 55, 22, 350, 90, 33, 60, 18, 600, 45, 110, 27, 70, 15, 200, 2400];

/** A room of `speakers`, who have said `messages` texts, and `readers`, who have heard nothing yet. */
async function talk(messages: number, readers: number) {
  const service = new Service();
  const made = new TestRoom();
  const owner = await TestDevice.create(service);
  const people: [TestDevice, ...TestDevice[]] = [owner];
  while (people.length < speakers + readers) people.push(await TestDevice.create(service));
  await made.begin(people);
  const room = made.id;
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
