import type { Account } from './account.ts';

/** What a room's object needs of the Worker's environment. */
export interface RoomEnv {
  readonly ACCOUNTS: DurableObjectNamespace<Account>;
  readonly DATABASE_URL: string;
  /** Where Neon's HTTP protocol is spoken, when that isn't Neon itself; empty in production. */
  readonly NEON_ENDPOINT?: string;
  /** Frames a second that one socket may send, for measurements; 50 when absent. */
  readonly LIMIT_PER_SOCKET?: string;
}
