import { isQuiet, readQuiet } from '../engine/quiet.ts';
import { keepShared } from '../engine/shared.ts';
import { callCollector } from '../engine/transfers/memory.ts';
import { unsentTag } from '../engine/unsent.ts';
import { m } from '../language/index.ts';
import { lastSpoken } from '../language/kept.ts';
import { remind, show } from './notices.ts';
import { shellOf, wayOf } from './routing.ts';

/** Written in by the build (local/service-worker.ts): every file of it, and a name that changes with any of them. */
declare const __SHELL_FILES__: readonly string[];
declare const __SHELL_VERSION__: string;
declare const self: ServiceWorkerGlobalScope;

/** Milliseconds that a page waits for a slow network before the kept shell is shown. */
const patience = 3000;
const prefix = 'shell-';
const cacheName = prefix + __SHELL_VERSION__;
const shell = shellOf(__SHELL_FILES__);
const files = new Set(shell);

self.addEventListener('install', (event) => event.waitUntil(keepShell()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('fetch', (event) => {
  const way = wayOf(event.request, self.location.origin, files);
  if (way === 'page') event.respondWith(page());
  else if (way === 'shell') event.respondWith(part(event.request));
  else if (way === 'share') event.respondWith(take(event.request));
  // What an upload sends is shown here too, and all of it stays until a collector comes by.
  else if (event.request.method === 'PUT') callCollector();
});

// A wake-up says nothing. Where a page listens it knows already, and words it itself.
self.addEventListener('push', (event) => event.waitUntil(wake()));
// There is a network again, and something was written without one.
self.addEventListener('sync', (event) => {
  const { tag } = event as ExtendableEvent & { readonly tag?: string };
  if (tag === unsentTag) (event as ExtendableEvent).waitUntil(whenOnline());
});
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { path = '/' } = (event.notification.data ?? {}) as { path?: string };
  event.waitUntil(lead(path));
});
// Somebody has said that they want the new version now.
self.addEventListener('message', ({ data }) => {
  if ((data as { t?: unknown } | null)?.t === 'take-over') void self.skipWaiting();
});

/** In quiet hours it makes no sound, and nothing shakes; not shown at all it can't be, browsers want that. */
const isSilent = async () => isQuiet(await readQuiet().catch(() => undefined), new Date());

async function wake(): Promise<void> {
  const body = m.notify_woken({}, { locale: await lastSpoken() });
  await show(self, { tag: 'news', body, silent: await isSilent() });
}

async function whenOnline(): Promise<void> {
  const body = m.notify_unsent({}, { locale: await lastSpoken() });
  await remind(self, { tag: 'unsent', body, silent: await isSilent() });
}

/** Brings a page of the app to the front, at `path`, or opens one. */
async function lead(path: string): Promise<void> {
  const [open] = await self.clients.matchAll({ type: 'window' });
  if (!open) {
    await self.clients.openWindow(path);
    return;
  }
  await open.focus();
  open.postMessage({ t: 'go', path });
}

/** Takes every file of this build; what an older one had under the same hashed name is not fetched again. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(cacheName);
  await Promise.all(
    shell.map(async (file) => {
      const known = file.startsWith('/assets/') ? await caches.match(file) : undefined;
      const response = known ?? (await fetch(file, { cache: 'no-cache' }));
      if (!response.ok) throw new Error(`${file} answered ${response.status}`);
      await cache.put(file, response);
    }),
  );
}

/**
 * Runs when no page of an older build is open any more, or somebody did not want to wait for that. A page that was opened before
 * there was a worker is taken over: what it loads later (the player, saving) then comes from here, also after the server has moved on.
 */
async function takeOver(): Promise<void> {
  await self.clients.claim();
  for (const name of await caches.keys())
    if (name.startsWith(prefix) && name !== cacheName) await caches.delete(name);
}

/** Every address of the app is the same document; which one is meant stays between the page and its address bar. */
async function page(): Promise<Response> {
  try {
    const response = await fetch('/', { cache: 'no-cache', signal: AbortSignal.timeout(patience) });
    if (response.ok) return response;
    return (await kept('/')) ?? response;
  } catch {
    return (await kept('/')) ?? fetch('/');
  }
}

/** Keeps what was shared, and shows the page that asks where it goes; which says so when nothing could be kept. */
async function take(request: Request): Promise<Response> {
  await request
    .formData()
    .then(keepShared)
    .catch(() => undefined);
  return Response.redirect('/share', 303);
}

const part = async (request: Request): Promise<Response> =>
  (await kept(new URL(request.url).pathname)) ?? fetch(request);

async function kept(file: string): Promise<Response | undefined> {
  const cache = await caches.open(cacheName);
  return cache.match(file);
}
