import type { AccountKeys } from '../../../../crypto/account/index.ts';
import type { Api } from '../api.ts';
import type { Locks } from '../store/locks.ts';
import type { Row, Store, Table } from '../store/store.ts';

/** What the host's parts reach the world by. */
export interface Doors {
  readonly store: Store<Table>;
  readonly locks: Locks;
  readonly api: Api;
}

/** The account whose keys are at work, for one call. */
export interface Holder extends Doors {
  /** As the store had it when the call began, and as `update` has changed it since. */
  readonly account: Row<'account'>;
  readonly keys: AccountKeys;
  /** What this browser is called, unless its owner names it. */
  readonly deviceName: string;
  /** Writes a changed account row. The caller holds the lock `account`. */
  update(change: Partial<Row<'account'>>): Promise<void>;
}
