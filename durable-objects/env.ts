import type { Account } from './account.ts';
import type { Chatroom } from './chatroom.ts';
import type { Logs } from './logs.ts';
import type { Metrics } from './metrics.ts';

/** What an account's object needs of it. */
export interface AccountEnv {
  readonly ROOMS: DurableObjectNamespace<Chatroom>;
  /** P-256 private key as a JWK: what we sign with towards push services (RFC 8292). Without it nobody is woken. */
  readonly VAPID_PRIVATE_JWK?: string;
  /** How a push service reaches the operator: `mailto:` or `https:`. */
  readonly VAPID_SUBJECT?: string;
  /** Hosts of push services (`host:port`, by commas) beside those of the browsers, plain HTTP allowed: for tests. */
  readonly PUSH_HOSTS?: string;
}

/** What a room's object needs of the Worker's environment. */
export interface RoomEnv {
  readonly ACCOUNTS: DurableObjectNamespace<Account>;
  readonly METRICS?: DurableObjectNamespace<Metrics>;
  readonly LOGS?: DurableObjectNamespace<Logs>;
  /** Whom the log is sealed to: see the Worker's `Env`. */
  readonly LOG_PUBLIC_KEY?: string;
  readonly DATABASE_URL: string;
  /** Where Neon's HTTP protocol is spoken, when that isn't Neon itself; empty in production. */
  readonly NEON_ENDPOINT?: string;
  /** Where there is an SFU, calls may outgrow a mesh: see the Worker's `Env`. */
  readonly LIVEKIT_URL?: string;
  /** What messages are stamped with for reports: see `stampKeys`. Without it no report can be verified. */
  readonly FRANKING_KEY?: string;
  /** Frames a second that one socket may send, for measurements; 50 when absent. */
  readonly LIMIT_PER_SOCKET?: string;
}
