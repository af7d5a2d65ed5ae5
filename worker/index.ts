import { createApp } from './app.ts';
import type { Env } from './env.ts';

export { Chatroom } from '../durable-objects/chatroom.ts';
export { RateLimit } from '../durable-objects/rate-limit.ts';

const app = createApp();

export default {
  fetch: app.fetch,
} satisfies ExportedHandler<Env>;
