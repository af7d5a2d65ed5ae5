import { expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../protocol/bytes.ts';
import {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
  parseSenderKey,
  serializeSenderKey,
} from './sender-key.ts';
import { parseSession, serializeSession } from './stored.ts';
import { Device } from './testing/device.ts';
import { seeded } from './testing/random.ts';

/** Takes one of the first `window` items out. */
const takeOne = <T>(items: T[], next: (n: number) => number, window: number): T =>
  items.splice(next(Math.min(window, items.length)), 1)[0]!;

const reload = (device: Device) => {
  if (device.record) device.record = parseSession(serializeSession(device.record));
};

test('10 000 messages between two devices, 15 % of them lost, the rest out of order, state stored at every step', {
  timeout: 120_000,
}, async () => {
  const next = seeded(1);
  const devices = [new Device(), new Device()] as const;
  const inFlight: [{ text: string; bytes: Uint8Array }[], { text: string; bytes: Uint8Array }[]] = [[], []];
  let written = 0;
  let lost = 0;
  let read = 0;
  let writer: 0 | 1 = 0;
  await devices[0].start(devices[1]);
  while (written < 10_000 || inFlight.some((letters) => letters.length)) {
    if (written < 10_000) {
      if (next(5) === 0 && devices[1 - writer]!.record) writer = (1 - writer) as 0 | 1;
      const from = devices[writer];
      if (next(2000) === 0) await from.start(devices[1 - writer]!);
      const text = `message ${written++}`;
      const bytes = await from.send(utf8(text));
      reload(from);
      if (next(100) < 15) lost++;
      else inFlight[1 - writer]!.push({ text, bytes });
    }
    const to = next(2) as 0 | 1;
    if (inFlight[to].length > (written < 10_000 ? 8 : 0)) {
      const { text, bytes } = takeOne(inFlight[to], next, 8);
      expect(fromUtf8(await devices[to].receive(bytes))).toBe(text);
      reload(devices[to]);
      read++;
    }
  }
  expect(read + lost).toBe(10_000);
  expect(lost).toBeGreaterThan(1300);
});

test('1 000 messages of a sender chain, 15 % of them lost, the rest out of order, state stored at every step', {
  timeout: 60_000,
}, async () => {
  const next = seeded(2);
  let own = createSenderKey('3f2504e0-4f89-41d3-9a0c-0305e82c3301');
  let followed = acceptDistribution(distribution(own));
  const inFlight: { text: string; bytes: Uint8Array }[] = [];
  for (let i = 0; i < 1000 || inFlight.length; i++) {
    if (i < 1000) {
      const { state, bytes } = encryptGroup(own, utf8(`message ${i}`));
      own = parseSenderKey(serializeSenderKey(state));
      if (next(100) >= 15) inFlight.push({ text: `message ${i}`, bytes });
    }
    if (inFlight.length > (i < 1000 ? 20 : 0)) {
      const { text, bytes } = takeOne(inFlight, next, 20);
      const { state, plaintext } = await decryptGroup(followed, bytes);
      expect(fromUtf8(plaintext)).toBe(text);
      followed = parseSenderKey(serializeSenderKey(state));
    }
  }
  expect(followed.chain.index).toBeGreaterThan(980);
});
