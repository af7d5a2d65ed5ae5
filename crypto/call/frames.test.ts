import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallReason, FrameOpener, FrameSealer } from './index.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const refused = (reason: CallReason) => expect.objectContaining({ name: 'CallError', reason });

/** A sender and a receiver that share the first epoch. */
async function pair() {
  const sealer = new FrameSealer();
  const opener = new FrameOpener();
  const turn = async () => {
    const { epoch, secret } = await sealer.prepare();
    await opener.add(secret, epoch);
    sealer.activate(epoch);
    return { epoch, secret };
  };
  const first = await turn();
  const seal = async (text: number, clear = 0) => (await sealer.seal('video', bytes(1, 2, text), clear))!;
  return { sealer, opener, turn, first, seal };
}

describe('frames of a call', () => {
  it('come back as they were, with their first bytes in clear and at most 20 more', async () => {
    const { sealer, opener } = await pair();
    const frame = crypto.getRandomValues(new Uint8Array(1200));
    for (let i = 0; i < 300; i++) {
      const sealed = (await sealer.seal('video', frame, 10))!;
      expect(sealed.subarray(0, 10)).toEqual(frame.subarray(0, 10));
      expect(sealed.length).toBeLessThanOrEqual(frame.length + 20);
      expect(Buffer.from(sealed).includes(Buffer.from(frame.subarray(10, 26)))).toBe(false);
      expect(await opener.open('video', sealed, 10)).toEqual(frame);
    }
  });

  it('are not let through before there is a key, nor by its announcement alone', async () => {
    const sealer = new FrameSealer();
    expect(await sealer.seal('audio', bytes(1), 0)).toBeUndefined();
    const { epoch } = await sealer.prepare();
    expect(await sealer.seal('audio', bytes(1), 0)).toBeUndefined();
    sealer.activate(epoch + 1);
    expect(await sealer.seal('audio', bytes(1), 0)).toBeUndefined();
    sealer.activate(epoch);
    expect(await sealer.seal('audio', bytes(1), 0)).toBeDefined();
  });

  it('are refused with any byte changed, clear ones too', async () => {
    const { opener, seal } = await pair();
    const sealed = await seal(3, 1);
    for (let at = 0; at < sealed.length; at++)
      await expect(opener.open('video', sealed.with(at, sealed[at]! ^ 0x80), 1)).rejects.toMatchObject({
        name: 'CallError',
      });
    expect(await opener.open('video', sealed, 1)).toEqual(bytes(1, 2, 3));
  });

  it('of one track do not pass for those of another, nor one sender for another', async () => {
    const { opener, seal } = await pair();
    const sealed = await seal(3);
    await expect(opener.open('screen', sealed, 0)).rejects.toEqual(refused('tampered'));
    const other = await pair();
    await expect(other.opener.open('video', sealed, 0)).rejects.toEqual(refused('tampered'));
  });

  it('never meet a counter twice under a key, whichever track and peer they are for', async () => {
    const { sealer, turn } = await pair();
    const seen = new Set<string>();
    for (let epoch = 0; epoch < 3; epoch++) {
      const sealed = await Promise.all(Array.from({ length: 50 }, () => sealer.seal('audio', bytes(7), 0)));
      // The same plaintext: under the same key and counter the bytes would be the same.
      for (const frame of sealed) seen.add(Buffer.from(frame!).toString('hex'));
      await turn();
    }
    expect(seen.size).toBe(150);
  });
});

describe('replays', () => {
  it('are refused; late frames are taken once, within 256', async () => {
    const { opener, seal } = await pair();
    const sealed = await Promise.all(Array.from({ length: 300 }, (_, i) => seal(i % 256)));
    expect(await opener.open('video', sealed[0]!, 0)).toEqual(bytes(1, 2, 0));
    await expect(opener.open('video', sealed[0]!, 0)).rejects.toEqual(refused('replayed'));
    await opener.open('video', sealed[299]!, 0);
    expect(await opener.open('video', sealed[44]!, 0)).toEqual(bytes(1, 2, 44));
    await expect(opener.open('video', sealed[44]!, 0)).rejects.toEqual(refused('replayed'));
    await expect(opener.open('video', sealed[43]!, 0)).rejects.toEqual(refused('replayed'));
    // What only names an old counter is forged, and no replay: servers make up frames when somebody mutes.
    const forged = sealed[0]!.with(-1, sealed[0]!.at(-1)! ^ 1);
    await expect(opener.open('video', forged, 0)).rejects.toEqual(refused('tampered'));
    const both = await Promise.allSettled([
      opener.open('video', sealed[200]!, 0),
      opener.open('video', sealed[200]!, 0),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('in any order, each frame is taken at most once, and a forged counter moves nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 40 }), async (order) => {
        const { opener, seal } = await pair();
        const sealed = await Promise.all(Array.from({ length: 10 }, (_, i) => seal(i)));
        const forged = Uint8Array.from([0x0b, 0xff, 0xff, 0xff, 0xff, ...sealed[0]!.subarray(1)]);
        await expect(opener.open('video', forged, 0)).rejects.toEqual(refused('tampered'));
        const taken = new Set<number>();
        for (const i of order) {
          const opened = await opener.open('video', sealed[i]!, 0).catch(() => undefined);
          expect(opened !== undefined).toBe(!taken.has(i));
          taken.add(i);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('epochs', () => {
  it('take over without a frame lost, and the last two stay readable', async () => {
    const { opener, turn, seal } = await pair();
    const old = await Promise.all([seal(0), seal(1)]);
    await turn();
    expect(await opener.open('video', await seal(2), 0)).toEqual(bytes(1, 2, 2));
    expect(await opener.open('video', old[0]!, 0)).toEqual(bytes(1, 2, 0));
    await turn();
    expect(await opener.open('video', old[1]!, 0)).toEqual(bytes(1, 2, 1));
    const late = await seal(3);
    for (let i = 0; i < 3; i++) await turn();
    await expect(opener.open('video', late, 0)).rejects.toEqual(refused('unknown-key'));
  });

  it('of another call, or that came again, change nothing', async () => {
    const { opener, turn, first, seal } = await pair();
    const taken = await seal(0);
    await opener.open('video', taken, 0);
    await opener.add(first.secret, first.epoch);
    await expect(opener.open('video', taken, 0)).rejects.toEqual(refused('replayed'));
    for (let i = 0; i < 8; i++) await turn();
    await opener.add(first.secret, first.epoch);
    await expect(opener.open('video', taken, 0)).rejects.toMatchObject({ name: 'CallError' });
    expect(await opener.open('video', await seal(5), 0)).toEqual(bytes(1, 2, 5));
  });

  it('someone without the new secret hears nothing more', async () => {
    const { sealer, opener, seal } = await pair();
    await opener.open('video', await seal(1), 0);
    const { epoch } = await sealer.prepare();
    sealer.activate(epoch);
    await expect(opener.open('video', await seal(2), 0)).rejects.toEqual(refused('unknown-key'));
  });
});
