/** The name under which the browser is asked to wake the service worker once there is a network (Background Synchronization). */
export const unsentTag = 'unsent';

interface Online {
  readonly onLine?: boolean;
  readonly serviceWorker?: { getRegistration(): Promise<WithSync | undefined> };
}
interface WithSync {
  readonly sync?: { register(tag: string): Promise<void> };
}

/**
 * Has the service worker woken once there is a network again, where there is none now: should the app be closed by then, it reminds of
 * what waits here. It can't send: it has no keys, and does not know who has left the room meanwhile.
 */
export async function remindWhenOnline(): Promise<void> {
  const { onLine, serviceWorker } = (globalThis as { navigator?: Online }).navigator ?? {};
  if (onLine !== false) return;
  const registration = await serviceWorker?.getRegistration();
  await registration?.sync?.register(unsentTag);
}
