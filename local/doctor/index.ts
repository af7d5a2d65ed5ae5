import { bindings } from './bindings.ts';
import { sfu, turn } from './calls.ts';
import type { Check } from './check.ts';
import { database } from './database.ts';
import { frankingKey, logKey, pushKey, secrets, sentry, sessionKey } from './keys.ts';
import { clock, cors, storage } from './storage.ts';

/** All that is looked at before a deployment. */
export const checks: readonly Check[] = [
  ...[bindings(), secrets, sessionKey, pushKey, frankingKey, logKey, sentry],
  ...[database(), storage, cors, clock, turn, sfu],
];
