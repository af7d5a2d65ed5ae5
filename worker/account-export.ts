import { utf8 } from '../protocol/bytes.ts';
import { AccountExport } from '../protocol/rest/index.ts';
import { openDatabase } from './db/client.ts';
import { listsOf } from './db/export.ts';
import type { users } from './db/schema.ts';
import type { Env } from './env.ts';

/** Characters that are gathered before they leave. */
const chunk = 64 * 1024;

type Lists = Exclude<keyof AccountExport, 'exportedAt' | 'user' | 'complete'>;

/** The document of everything that is held of `account` (`AccountExport`), written as it is read: some pages at a time are in memory. */
export function exportOf(env: Env, account: typeof users.$inferSelect): ReadableStream<Uint8Array> {
  const parts = gathered(documentOf(env, account));
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(utf8(value));
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

async function* documentOf(env: Env, account: typeof users.$inferSelect): AsyncGenerator<string> {
  const { shape } = AccountExport;
  yield `{"exportedAt":${written(new Date())},"user":${written(shape.user.parse(plain(account)))}`;
  const { rooms, subscriptions } = await env.ACCOUNTS.getByName(account.id).holds();
  const lists: Record<Lists, AsyncIterable<unknown> | Iterable<unknown>> = {
    ...listsOf(openDatabase(env), account.id),
    pushSubscriptions: subscriptions,
    news: rooms.map(({ id, seq }) => ({ chatroomId: id, seq })),
  };
  for (const name of Object.keys(lists) as Lists[]) {
    const schema = shape[name].def.element;
    yield `,"${name}":[`;
    let comma = '';
    // By its schema, which leaves out what isn't the person's to have: hashes of tokens.
    for await (const row of lists[name]) {
      yield comma + written(schema.parse(plain(row)));
      comma = ',';
    }
    yield ']';
  }
  yield ',"complete":true}\n';
}

const written = (value: unknown): string => JSON.stringify(value);
/** As it is in JSON: instants are text. */
const plain = (value: unknown): unknown => JSON.parse(written(value));

/** The same text in fewer pieces. */
async function* gathered(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let waiting = '';
  for await (const piece of pieces) {
    waiting += piece;
    if (waiting.length < chunk) continue;
    yield waiting;
    waiting = '';
  }
  yield waiting;
}
