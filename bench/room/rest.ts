// Two requests as programs make them: sending a message, and reading a page of history that only the database has.
import { uuidv7 } from 'uuidv7';
import { compare, median, type Row } from '../harness.ts';
import type { OurRoom } from './contenders.ts';
import { marked } from './message.ts';
import { accessToken } from './people.ts';
import type { System } from './system.ts';

const requests = 300;
const page = 50;
/** How many of the newest the room's object keeps (`durable-objects/log.ts`): pages of these never see the database. */
const keptMessages = 2_000;
const limits = { send: 6, page: 8 };

/** Sends into, and reads from, a room in which much has been said. */
export async function restRows(system: System, room: OurRoom, say: (line: string) => void): Promise<Row[]> {
  const token = await accessToken(system.service, room.owner);
  const timed = async (method: string, path: string, body?: unknown) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const began = performance.now();
    const response = await fetch(`${system.service.url}/chatrooms/${room.id}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { items: { seq: number }[]; seq: number };
    const took = performance.now() - began;
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return { took, answer };
  };

  say('sending by REST');
  const sends: number[] = [];
  let seq = 0;
  for (let i = 0; i < requests; i++) {
    const { took, answer } = await timed('POST', '/message', { id: uuidv7(), device: 1, box: marked(i) });
    sends.push(took);
    seq = answer.seq;
  }

  say(`${seq} messages on their way to the database`);
  const archived = async () => {
    const query = 'select max(seq)::int as seq from messages where chatroom_id = $1::uuid';
    return ((await system.service.query(query, [room.id]))[0]?.seq as number | null) ?? 0;
  };
  while ((await archived()) < seq) await new Promise((again) => setTimeout(again, 500));
  const newest = seq - keptMessages;
  if (newest < 2 * page) throw new Error(`only ${seq} messages were said: nothing is in the database alone`);
  const pages: number[] = [];
  for (let i = 0; i < requests; i++) {
    const before = page + 1 + Math.floor(Math.random() * (newest - page));
    const { took, answer } = await timed('GET', `/messages?before=${before}&limit=${page}`);
    if (answer.items.length !== page || answer.items.at(-1)?.seq !== before - 1)
      throw new Error('not the page');
    pages.push(took);
  }
  const [count] = await system.service.query('select count(*)::int as rows from messages', []);
  return [
    compare('REST: sending a message, p50, ms; anchor: the limit', median(sends), limits.send, { atMost: 1 }),
    compare(
      `REST: a page of 50 of ${count?.rows} rows, p50, ms; anchor: the limit`,
      median(pages),
      limits.page,
      {
        atMost: 1,
      },
    ),
  ];
}
