import { createSignal } from 'solid-js';

const [now, setNow] = createSignal(Date.now());
setInterval(() => setNow(Date.now()), 30_000);

/** The present moment in milliseconds, renewed often enough for "Today" and times of day to stay true. */
export { now };
