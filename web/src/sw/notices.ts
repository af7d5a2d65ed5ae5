/** What a worker shows that has no keys: it can't say what is new, only that something is. */
export interface Shown {
  /** A newer one of the same tag takes its place. */
  readonly tag: 'news' | 'unsent';
  readonly body: string;
  readonly silent: boolean;
}

/** The part of `ServiceWorkerGlobalScope` that notices need. */
export interface Place {
  readonly clients: { matchAll(options: { type: 'window' }): Promise<readonly unknown[]> };
  readonly registration: { showNotification(title: string, options: object): Promise<void> };
}

export const show = ({ registration }: Place, notice: Shown): Promise<void> =>
  registration.showNotification('Stream Chat', { ...notice, icon: '/icons/icon-192.png' });

/**
 * Reminds of what was written without a network, now that there is one. An open page sends it by itself; and who does not want to be
 * shown notices sees it when they come.
 */
export async function remind(place: Place, notice: Shown): Promise<void> {
  if ((await place.clients.matchAll({ type: 'window' })).length > 0) return;
  await show(place, notice).catch(() => undefined);
}
