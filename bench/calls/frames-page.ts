// In a browser: what it takes to seal a call's frame, and to open it.
import { FrameOpener, FrameSealer } from '../../crypto/call/index.ts';

/** Milliseconds for sealing and opening `count` frames of `size` bytes, one after the other. */
async function sealAndOpen(size: number, count: number): Promise<number> {
  const [sealer, opener] = [new FrameSealer(), new FrameOpener()];
  const { epoch, secret } = await sealer.prepare();
  sealer.activate(epoch);
  await opener.add(secret, epoch);
  const frame = new Uint8Array(size);
  const began = performance.now();
  for (let n = 0; n < count; n++) await opener.open('video', (await sealer.seal('video', frame, 1))!, 1);
  return performance.now() - began;
}

Object.assign(globalThis, { sealAndOpen });
