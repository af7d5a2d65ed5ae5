import { createSignal, onCleanup } from 'solid-js';

/** Whether this browser lets a page choose where its sound comes out. */
export const canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype;

const [speaker, setSpeaker] = createSignal('');

/** Where one hears the others: the `deviceId` of an output; empty where the system decides. Until the page is closed. */
export { speaker };

/** Has all calls come out there from now on. */
export function chooseSpeaker(deviceId: string): void {
  setSpeaker(deviceId);
}

/** For as long as the component lives, goes back to the system's choice when the chosen output is pulled out. */
export function followSpeakers(): void {
  const { mediaDevices } = navigator;
  const look = async () => {
    if (speaker() === '') return;
    const devices = await mediaDevices.enumerateDevices();
    if (!devices.some(({ kind, deviceId }) => kind === 'audiooutput' && deviceId === speaker()))
      setSpeaker('');
  };
  // Refused, there is nothing to go back from.
  const changed = () => void look().catch(() => {});
  mediaDevices.addEventListener('devicechange', changed);
  onCleanup(() => mediaDevices.removeEventListener('devicechange', changed));
}
