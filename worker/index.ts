import { createApp } from './app.ts';
import type { Env } from './env.ts';
import { sweep } from './scheduled.ts';

export { Account } from '../durable-objects/account.ts';
export { Chatroom } from '../durable-objects/chatroom.ts';
export { Logs } from '../durable-objects/logs.ts';
export { Metrics } from '../durable-objects/metrics.ts';
export { RateLimit } from '../durable-objects/rate-limit.ts';

const app = createApp();

export default {
  fetch: app.fetch,
  scheduled: (_, env) => sweep(env),
} satisfies ExportedHandler<Env>;
