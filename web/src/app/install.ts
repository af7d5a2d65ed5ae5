import { createSignal } from 'solid-js';

/** Milliseconds after which a page that one comes back to asks whether there is a new version. */
const askEvery = 3_600_000;
/**
 * Milliseconds after which a shell that could not be kept is asked for again, if the browser does not say before that there is a network:
 * at first, and at most. Each time it is twice as long.
 */
const pauses = { first: 60_000, longest: 3_600_000 };

/** The script that this page began with: each version has another. */
const entry = document.querySelector<HTMLScriptElement>('script[type=module]')?.getAttribute('src') ?? '';

const [isOutdated, setOutdated] = createSignal(false);
let registration: ServiceWorkerRegistration | undefined;

/** Whether there is a newer version than this page's. */
export { isOutdated };

/**
 * Registers the service worker that keeps the app's shell for offline starts, notices when there is a new version, and reloads once
 * when a part of an older one is no longer on the server (it was opened before an update and asks for a file that is gone).
 */
export function keepUpToDate(): void {
  if (import.meta.env.PROD && 'serviceWorker' in navigator) void keepShell();
  window.addEventListener('vite:preloadError', () => void reloadIfGone().catch(() => undefined));
}

/** Registers the service worker, and again where the network went before it had all that it keeps. Never rejects. */
async function keepShell(pause = pauses.first): Promise<void> {
  try {
    const found = await navigator.serviceWorker.register('/sw.js');
    const { installing } = found;
    if (found.waiting || found.active) follow(found);
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed') follow(found);
      if (installing.state === 'redundant' && !found.active) keepShellLater(pause);
    });
  } catch (error) {
    // The app works without it; a browser that forbids workers, or only seems to register one, must not see an error.
    if (error instanceof TypeError) keepShellLater(pause);
  }
}

function keepShellLater(pause: number): void {
  const stop = new AbortController();
  const again = () => {
    stop.abort();
    clearTimeout(timer);
    void keepShell(Math.min(pause * 2, pauses.longest));
  };
  const timer = setTimeout(again, pause);
  window.addEventListener('online', again, { signal: stop.signal });
}

/** Without a network nothing comes either, and a page that is loaded again then is gone with all that was written into it. */
async function reloadIfGone(): Promise<void> {
  const key = 'stream-chat.reloaded-at';
  const last = Number(sessionStorage.getItem(key) ?? 0);
  if (Date.now() - last < 60_000 || !(await isThereNewer())) return;
  sessionStorage.setItem(key, String(Date.now()));
  location.reload();
}

/** Whether the server has another version than this page's. Rejects where it can't be reached. */
async function isThereNewer(): Promise<boolean> {
  const answer = await fetch('/', { cache: 'no-cache' });
  return answer.ok && !(await answer.text()).includes(entry);
}

/** A worker that has been installed beside the one in use is of a new version, which this page may be of already. */
function follow(found: ServiceWorkerRegistration): void {
  if (registration === found) return;
  registration = found;
  const look = async () => {
    // Where none is in use, the one that waits is the first.
    if (!found.waiting || !navigator.serviceWorker.controller) return;
    if (await isThereNewer()) setOutdated(true);
  };
  const lookAgain = () => void look().catch(() => undefined);
  lookAgain();
  found.addEventListener('updatefound', () => found.installing?.addEventListener('statechange', lookAgain));
  let asked = Date.now();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || Date.now() - asked < askEvery) return;
    asked = Date.now();
    found.update().catch(() => undefined);
  });
}

/** Loads the page again in the new version. */
export function update(): void {
  const waiting = registration?.waiting;
  const reload = () => location.reload();
  navigator.serviceWorker.addEventListener('controllerchange', reload, { once: true });
  if (waiting) waiting.postMessage({ t: 'take-over' });
  // Another page has asked for it before.
  else reload();
}
