/**
 * Asks the browser not to delete what is kept here when space runs short. Firefox asks its person, so there it is left to the settings;
 * the others decide by themselves.
 */
export function keepStorage(): void {
  if (navigator.userAgent.includes('Firefox')) return;
  const storage = navigator.storage as Partial<StorageManager> | undefined;
  void storage?.persist?.().catch(() => false);
}
