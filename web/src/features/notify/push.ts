import { fromBase64 } from '../../../../protocol/bytes.ts';
import { type Engine, EngineError } from '../../engine/types.ts';
import { m } from '../../language/index.ts';

/** Whether this browser can show notices of the system's. */
export const offersNotices = (): boolean => 'Notification' in window && 'serviceWorker' in navigator;

/**
 * Asks to show notices, and subscribes to be woken while the app is closed where browser and service can do that.
 *
 * @throws EngineError `no-permission`
 */
export async function startNotices(engine: Engine): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted')
    throw new EngineError('no-permission', m.notify_noPermission());
  await beWoken(engine);
}

/** Subscribes to be woken, or says again where: addresses of push services change. */
export async function beWoken(engine: Engine): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  if (!registration?.pushManager) return;
  const key = await engine.pushKey();
  if (key === undefined) return;
  const options = { userVisibleOnly: true, applicationServerKey: fromBase64(key) };
  // A browser without a push service of its own: notices come as long as the app is open.
  const subscription = await registration.pushManager.subscribe(options).catch(() => undefined);
  if (subscription) await engine.wakeAt(subscription.endpoint);
}

/** Ends both. */
export async function endNotices(engine: Engine): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
  await engine.wakeAt(undefined);
}

/** Shows a notice about a room; a newer one of the same room takes its place. */
export async function showNotice(room: string, title: string, body: string): Promise<void> {
  if (Notification.permission !== 'granted') return;
  const registration = await navigator.serviceWorker.getRegistration();
  const options = { body, tag: room, icon: '/icons/icon-192.png', data: { path: `/r/${room}` } };
  await registration?.showNotification(title, options);
}
