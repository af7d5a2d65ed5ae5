/**
 * Registers the service worker that keeps the app's shell for offline starts, and reloads once when a part of an
 * older version is no longer on the server (it was opened before an update and asks for a file that is gone).
 */
export function keepUpToDate(): void {
  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    // The app works without it; a browser that forbids workers (private windows) must not see an error.
    navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  }
  window.addEventListener('vite:preloadError', (event) => {
    const key = 'stream-chat.reloaded-at';
    const last = Number(sessionStorage.getItem(key) ?? 0);
    if (Date.now() - last < 60_000) return;
    event.preventDefault();
    sessionStorage.setItem(key, String(Date.now()));
    location.reload();
  });
}
