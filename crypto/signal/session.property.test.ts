import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../protocol/bytes.ts';
import { parseSession, serializeSession } from './stored.ts';
import { Device } from './testing/device.ts';

/**
 * A network that delivers in any order, loses and repeats, between two devices that also write at will, begin anew, and
 * are restarted from what they stored.
 */
type Step =
  | { readonly kind: 'send'; readonly from: 0 | 1 }
  | { readonly kind: 'deliver' | 'lose' | 'repeat'; readonly pick: number }
  | { readonly kind: 'restart'; readonly who: 0 | 1 }
  | { readonly kind: 'renew'; readonly from: 0 | 1 };

const side = fc.constantFrom(0 as const, 1 as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('send' as const), from: side }) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom('deliver' as const, 'deliver' as const, 'lose' as const, 'repeat' as const),
      pick: fc.nat(1000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), who: side }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew' as const), from: side }) },
);

interface Letter {
  readonly to: 0 | 1;
  readonly bytes: Uint8Array;
  readonly text: string;
}

test('whatever the network does, each message that arrives is read exactly once and is what was written', {
  timeout: 30_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), fc.boolean(), async (steps, kyber) => {
      const devices = [new Device({ kyber }), new Device({ kyber })] as const;
      const inFlight: Letter[] = [];
      const read: Letter[] = [];
      let written = 0;
      for (const next of steps) {
        if (next.kind === 'send') {
          const from = devices[next.from];
          const to = (1 - next.from) as 0 | 1;
          if (!from.record) await from.start(devices[to]);
          const text = `message ${written++}`;
          inFlight.push({ to, text, bytes: await from.send(utf8(text)) });
        } else if (next.kind === 'renew') {
          await devices[next.from].start(devices[1 - next.from]!);
        } else if (next.kind === 'restart') {
          const device = devices[next.who];
          if (device.record) device.record = parseSession(serializeSession(device.record));
        } else if (next.kind === 'repeat') {
          const letter = read[next.pick % (read.length || 1)];
          if (!letter) continue;
          const device = devices[letter.to];
          const before = serializeSession(device.record!);
          await expect(device.receive(letter.bytes)).rejects.toMatchObject({ reason: 'duplicate-message' });
          expect(serializeSession(device.record!)).toEqual(before);
        } else if (inFlight.length) {
          const [letter] = inFlight.splice(next.pick % inFlight.length, 1);
          if (next.kind === 'lose') continue;
          const { to, bytes, text } = letter!;
          expect(await devices[to].receive(bytes)).toEqual(utf8(text));
          read.push(letter!);
        }
      }
    }),
    { numRuns: 40 },
  );
});
