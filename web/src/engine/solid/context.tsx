import { createContext, onCleanup, type ParentProps, useContext } from 'solid-js';
import { m } from '../../language/index.ts';
import { createBrowserEngine } from '../browser.ts';
import { type Engine, EngineError } from '../types.ts';

const EngineContext = createContext<Engine>();

/** Starts the engine for everything inside, and stops it with it. */
export function EngineProvider(props: ParentProps) {
  const engine = createBrowserEngine();
  onCleanup(() => void engine.close());
  return <EngineContext.Provider value={engine}>{props.children}</EngineContext.Provider>;
}

/** The engine; throws outside of `EngineProvider`. */
export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (!engine) throw new Error('useEngine is used outside of EngineProvider.');
  return engine;
}

/** What a person is told about a failure: the engine's sentence, or a general one for what nobody foresaw. */
export const sentence = (error: unknown): string =>
  error instanceof EngineError ? error.message : m.engine_unexpected();

/** The stable reason of a failure of the engine, for screens that act on it. */
export const reasonOf = (error: unknown): string | undefined =>
  error instanceof EngineError ? error.reason : undefined;
