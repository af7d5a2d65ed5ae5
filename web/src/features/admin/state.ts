import { type Accessor, createContext, useContext } from 'solid-js';
import type { Console } from '../../engine/admin/console.ts';
import type { Reading } from '../../engine/admin/health.ts';

export interface Desk {
  readonly console: Console;
  /** A call failed: shows why, or the way in where the half hour is over. */
  readonly failed: (error: unknown) => void;
  /** How the service has been while this page was looking; kept while another tab is shown. */
  readonly readings: Accessor<readonly Reading[]>;
  readonly setReadings: (readings: readonly Reading[]) => void;
}

export const DeskContext = createContext<Desk>();

/** Who moderates; throws outside of the page that has signed them in. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('useDesk is used before signing in.');
  return desk;
}
