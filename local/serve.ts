// Runs a system until it is told to stop: by a signal, or by the end of whoever started us.
import type { Running } from './launch.ts';
import { Refusal } from './refusal.ts';

/**
 * Starts, says where it is ready, waits, stops in order.
 *
 * @throws what starting throws, and a Refusal when the Worker ends unasked.
 */
export async function serve(start: (signal: AbortSignal) => Promise<Running>): Promise<void> {
  const told = new AbortController();
  const stopped = new Promise<void>((done) => told.signal.addEventListener('abort', () => done()));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => told.abort());
  // run.mjs holds the other end of a channel.
  process.once('disconnect', () => told.abort());

  let running: Running;
  try {
    running = await start(told.signal);
  } catch (error) {
    if (told.signal.aborted) return;
    throw error;
  }
  console.log(`Stream Chat is ready at ${running.url}`);
  await Promise.race([stopped, running.ended]);
  await running.stop();
  if (!told.signal.aborted) throw new Refusal('The Worker ended by itself; its last words are above.');
}
