import { type ErrorReport, framesOf, nameOf, Screen } from '../../../protocol/error-report.ts';
import { routes } from '../../../protocol/rest/index.ts';
import { EngineError } from './types.ts';

/** Reports of one page at the most: what fails in a loop has been told by then. */
const most = 10;
/** What was told, by its place, and under which number. */
const told = new Map<string, string>();

/**
 * Tells this origin's service of an error in our own code (its class and where in the code: `protocol/error-report.ts`), once for each
 * place, and never waits for it. Answers the number by which the operator has it; undefined for what is no mistake of the code.
 */
export function reportError(error: unknown): string | undefined {
  // What the engine foresaw has been said to its person.
  if (error instanceof EngineError) return undefined;
  const frames = framesOf(error);
  const place = JSON.stringify([nameOf(error), frames[0]]);
  const before = told.get(place);
  if (before !== undefined || told.size >= most) return before;
  const id = crypto.randomUUID();
  told.set(place, id);
  const report: ErrorReport = { id, error: nameOf(error), screen: screenOf(location.pathname), frames };
  const { path, method } = routes.reportError;
  fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(report),
    credentials: 'omit',
    keepalive: true,
  }).catch(() => undefined);
  return id;
}

/** Reports what nobody caught, from now on. */
export function reportErrors(): void {
  window.addEventListener('error', ({ error }) => void reportError(error));
  window.addEventListener('unhandledrejection', ({ reason }) => void reportError(reason));
}

function screenOf(path: string): Screen {
  const screen = Screen.safeParse(path.split('/')[1] || 'rooms');
  return screen.success ? screen.data : 'other';
}
