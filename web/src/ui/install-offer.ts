import { createSignal } from 'solid-js';

/** Chromium's offer to install the site as an app (`beforeinstallprompt`); it can be taken up once. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

const [offer, setOffer] = createSignal<InstallOffer>();

/** Keeps the browser's offer for when its person asks for it: it comes once, soon after the page has begun. */
export function keepInstallOffer(): void {
  addEventListener('beforeinstallprompt', (event) => {
    // Nothing that nobody asked for slides over the page.
    event.preventDefault();
    setOffer(event as InstallOffer);
  });
  addEventListener('appinstalled', () => setOffer(undefined));
}

/** Whether the browser would install the app now. */
export const canInstall = (): boolean => offer() !== undefined;

/** Has the browser ask whether to install it. */
export function install(): void {
  const taken = offer();
  setOffer(undefined);
  // Who thinks again is offered it anew by the browser, another time.
  void taken?.prompt().catch(() => undefined);
}

/** Whether this is Safari on an iPhone or iPad, outside of the home screen: only what was added to it can show notices. */
export const wantsHomeScreen = (): boolean => (navigator as { standalone?: boolean }).standalone === false;
