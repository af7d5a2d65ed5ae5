import { describe, expect, test } from 'vitest';
import { concat, fromUtf8, utf8 } from '../../protocol/bytes.ts';
import { generateKeyPair, sign } from './curve.ts';
import { decrypt, encrypt, startSession } from './session.ts';
import type { SessionRecord } from './state.ts';
import { parseSession, serializeSession } from './stored.ts';
import { acquaintances, Device } from './testing/device.ts';
import {
  decodePreKeySignalMessage,
  decodeSignalMessage,
  encodePreKeySignalMessage,
  isPreKeySignalMessage,
} from './wire.ts';

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });
const say = async (from: Device, to: Device, text: string) =>
  expect(fromUtf8(await to.receive(await from.send(utf8(text))))).toBe(text);

/** Runs what must fail, and checks that the device's stored state has the same bytes after it. */
async function refuses(device: Device, bytes: Uint8Array, reason?: string) {
  const before = device.record && serializeSession(device.record);
  await expect(device.receive(bytes)).rejects.toEqual(
    reason ? refused(reason) : expect.objectContaining({ name: 'SignalError' }),
  );
  expect(device.record && serializeSession(device.record)).toEqual(before);
}

describe.each([
  ['PQXDH', 4, { kyber: true, oneTime: true }],
  ['PQXDH without a one-time prekey', 4, { kyber: true, oneTime: false }],
  ['X3DH', 3, { kyber: false, oneTime: true }],
  ['X3DH without a one-time prekey', 3, { kyber: false, oneTime: false }],
] as const)('%s', (_, version, options) => {
  test('a conversation, in which the handshake goes along until the first answer', async () => {
    const ana = new Device();
    const ben = new Device(options);
    await ana.start(ben);
    for (const text of ['one', 'two']) {
      const bytes = await ana.send(utf8(text));
      expect(isPreKeySignalMessage(bytes)).toBe(true);
      expect(decodePreKeySignalMessage(bytes).version).toBe(version);
      expect(fromUtf8(await ben.receive(bytes))).toBe(text);
    }
    await say(ben, ana, 'three');
    const bytes = await ana.send(utf8('four'));
    expect(isPreKeySignalMessage(bytes)).toBe(false);
    expect(fromUtf8(await ben.receive(bytes))).toBe('four');
    for (let i = 0; i < 5; i++) {
      await say(ana, ben, `ping ${i}`);
      await say(ben, ana, `pong ${i}`);
    }
    // No state from before is kept: it holds keys that were used.
    for (const { record } of [ana, ben]) expect(record!.archived).toEqual([]);
  });

  test('says which prekeys were used, once, and whose message it is', async () => {
    const ana = new Device();
    const ben = new Device(options);
    await ana.start(ben);
    const unasked = async () => {
      throw new Error('the handshake names no such key');
    };
    const lookup = {
      ...ben.lookup,
      ...(!options.oneTime && { oneTime: unasked }),
      ...(!options.kyber && { kyber: unasked }),
    };
    const first = await decrypt(undefined, ben.local, lookup, await ana.send(utf8('one')));
    expect(first.senderIdentity).toEqual(ana.local.identity.publicKey);
    expect(first.consumed).toStrictEqual({
      ...(options.oneTime && { oneTimePreKeyId: 2 }),
      ...(options.kyber && { kyberPreKeyId: 3 }),
    });
    const second = await decrypt(first.record, ben.local, lookup, await ana.send(utf8('two')));
    expect(second.senderIdentity).toEqual(ana.local.identity.publicKey);
    expect(second.consumed).toBeUndefined();
    const answer = await encrypt(second.record, utf8('three'));
    const read = await decrypt(ana.record, ana.local, ana.lookup, answer.bytes);
    expect(read.senderIdentity).toEqual(ben.local.identity.publicKey);
    expect(read.consumed).toBeUndefined();
  });

  test('a state that was stored and read goes on', async () => {
    const ana = new Device();
    const ben = new Device(options);
    await ana.start(ben);
    for (let i = 0; i < 4; i++) {
      for (const device of [ana, ben]) {
        if (device.record) device.record = parseSession(serializeSession(device.record));
      }
      await say(ana, ben, `a ${i}`);
      if (i > 1) await say(ben, ana, `b ${i}`);
    }
  });

  test('messages of the first chain in any order, later ones before the handshake too', async () => {
    const ana = new Device();
    const ben = new Device(options);
    await ana.start(ben);
    const bytes: Uint8Array[] = [];
    for (let i = 0; i < 5; i++) bytes.push(await ana.send(utf8(String(i))));
    for (const i of [3, 0, 4, 2, 1]) expect(fromUtf8(await ben.receive(bytes[i]!))).toBe(String(i));
  });
});

describe('a bundle', () => {
  const ana = new Device();
  const { bundle } = new Device();
  const start = (changed: Partial<typeof bundle>) => startSession(ana.local, { ...bundle, ...changed });

  test('whose prekeys the identity key did not sign starts nothing', async () => {
    const { signedPreKey, kyberPreKey } = bundle;
    const mallory = generateKeyPair();
    const swapped = generateKeyPair().publicKey;
    await expect(start({ signedPreKey: { ...signedPreKey, publicKey: swapped } })).rejects.toEqual(
      refused('bad-signature'),
    );
    const forged = { ...signedPreKey, publicKey: swapped, signature: sign(mallory.privateKey, swapped) };
    await expect(start({ signedPreKey: forged })).rejects.toThrow(
      'the signed prekey is not signed by the identity key',
    );
    const otherKyber = new Device().bundle.kyberPreKey!;
    await expect(start({ kyberPreKey: otherKyber })).rejects.toThrow(
      'the Kyber prekey is not signed by the identity key',
    );
    const short = { ...kyberPreKey!, signature: kyberPreKey!.signature.subarray(1) };
    await expect(start({ kyberPreKey: short })).rejects.toEqual(refused('bad-signature'));
    await expect(start({ identityKey: mallory.publicKey })).rejects.toEqual(refused('bad-signature'));
  });

  test('without the Kyber key that the device list promises starts nothing; where 3 is promised, X3DH does', async () => {
    const { kyberPreKey: _, ...stripped } = bundle;
    await expect(startSession(ana.local, stripped, { minVersion: 4 })).rejects.toEqual(refused('downgrade'));
    expect((await startSession(ana.local, stripped, { minVersion: 3 })).current.version).toBe(3);
    expect((await startSession(ana.local, bundle, { minVersion: 4 })).current.version).toBe(4);
  });

  test('with a one-time prekey of small order or no key at all starts nothing', async () => {
    const zero = concat(Uint8Array.of(5), new Uint8Array(32));
    await expect(start({ oneTimePreKey: { id: 2, publicKey: zero } })).rejects.toEqual(
      refused('low-order-key'),
    );
    await expect(start({ oneTimePreKey: { id: 2, publicKey: zero.subarray(1) } })).rejects.toEqual(
      refused('malformed'),
    );
  });

  test('with a Kyber key that is signed but no key starts nothing', async () => {
    const identity = generateKeyPair();
    const signed = (publicKey: Uint8Array) => ({
      id: 1,
      publicKey,
      signature: sign(identity.privateKey, publicKey),
    });
    const signedPreKey = signed(generateKeyPair().publicKey);
    for (const publicKey of [
      bundle.kyberPreKey!.publicKey.subarray(1),
      Uint8Array.of(8, ...new Uint8Array(1568).fill(0xff)),
    ])
      await expect(
        start({ identityKey: identity.publicKey, signedPreKey, kyberPreKey: signed(publicKey) }),
      ).rejects.toEqual(refused('malformed'));
  });
});

describe('a handshake', () => {
  test('that names prekeys which are gone is refused', async () => {
    const ana = new Device();
    const ben = new Device();
    await ana.start(ben);
    const bytes = await ana.send(utf8('hello'));
    for (const kind of ['signed', 'oneTime', 'kyber'] as const) {
      const lookup = { ...ben.lookup, [kind]: async () => undefined };
      await expect(decrypt(undefined, ben.local, lookup, bytes)).rejects.toEqual(refused('unknown-prekey'));
    }
  });

  test('repeated after its prekeys are gone still finds its session', async () => {
    const ana = new Device();
    const ben = new Device();
    await ana.start(ben);
    const [first, second] = [await ana.send(utf8('one')), await ana.send(utf8('two'))];
    const { record } = await decrypt(undefined, ben.local, ben.lookup, first);
    const gone = {
      signed: async () => undefined,
      oneTime: async () => undefined,
      kyber: async () => undefined,
    };
    const { plaintext } = await decrypt(record, ben.local, gone, second);
    expect(fromUtf8(plaintext)).toBe('two');
  });

  test('of an older handshake than our list demands is refused, the first and every later one', async () => {
    const ana = new Device();
    const ben = new Device();
    const { kyberPreKey: _, ...stripped } = ben.bundle;
    const begun = await startSession(ana.local, stripped);
    const { record, bytes } = await encrypt(begun, utf8('talked down'));
    const demand = (from: SessionRecord | undefined, sent: Uint8Array, minVersion: 3 | 4) =>
      decrypt(from, ben.local, ben.lookup, sent, { minVersion });
    await expect(demand(undefined, bytes, 4)).rejects.toEqual(refused('downgrade'));
    const taken = await demand(undefined, bytes, 3);
    const answer = await encrypt(taken.record, utf8('back'));
    await expect(decrypt(record, ana.local, ana.lookup, answer.bytes, { minVersion: 4 })).rejects.toEqual(
      refused('downgrade'),
    );
    expect(fromUtf8((await decrypt(record, ana.local, ana.lookup, answer.bytes)).plaintext)).toBe('back');
  });

  test('stripped of its Kyber part, or given one, is refused', async () => {
    const ana = new Device();
    const ben = new Device();
    await ana.start(ben);
    const { kyber, ...rest } = decodePreKeySignalMessage(await ana.send(utf8('hello')));
    await refuses(ben, encodePreKeySignalMessage({ ...rest, version: 3 }), 'bad-mac');
    await refuses(ben, encodePreKeySignalMessage({ ...rest, version: 4 }), 'malformed');
    await refuses(ben, encodePreKeySignalMessage({ ...rest, version: 3, kyber: kyber! }), 'malformed');
    // Nor once the session is known.
    await ben.receive(await ana.send(utf8('second')));
    await refuses(ben, encodePreKeySignalMessage({ ...rest, version: 3 }), 'bad-mac');
  });

  test('from another identity than before is refused until the person has accepted it', async () => {
    const [ana, ben] = await acquaintances();
    const impostor = new Device();
    await impostor.start(ben);
    const bytes = await impostor.send(utf8('it is me, Ana'));
    await refuses(ben, bytes, 'untrusted-identity');
    await expect(startSession(ben.local, impostor.bundle, { record: ben.record })).rejects.toEqual(
      refused('untrusted-identity'),
    );
    await say(ana, ben, 'still here');
    const accepted = await decrypt(undefined, ben.local, ben.lookup, bytes);
    expect(accepted.senderIdentity).toEqual(impostor.local.identity.publicKey);
  });

  test('that claims somebody else wrote it is refused', async () => {
    const ben = new Device();
    const mallory = new Device();
    await mallory.start(ben);
    const message = decodePreKeySignalMessage(await mallory.send(utf8('hello')));
    const claimed = { ...message, identityKey: new Device().local.identity.publicKey };
    await refuses(ben, encodePreKeySignalMessage(claimed), 'bad-mac');
  });

  test('of ours does not come back to us as somebody else’s', async () => {
    const ana = new Device();
    const ben = new Device();
    await ana.start(ben);
    await refuses(ana, await ana.send(utf8('hello')), 'untrusted-identity');
  });
});

describe('tampering', { timeout: 30_000 }, () => {
  test('with any bit of an ordinary message is refused, and changes nothing', async () => {
    const [ana, ben] = await acquaintances();
    const bytes = await ana.send(utf8('hello'));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = Uint8Array.from(bytes);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      await refuses(ben, altered);
    }
    for (let length = 0; length < bytes.length; length++) await refuses(ben, bytes.subarray(0, length));
    expect(fromUtf8(await ben.receive(bytes))).toBe('hello');
  });

  test('with any byte of a handshake that matters is refused, and makes no session', async () => {
    const ana = new Device();
    const ben = new Device({ kyber: false });
    await ana.start(ben);
    const bytes = await ana.send(utf8('hello'));
    // The one field that nothing authenticates is the sender's registration id, which nothing here depends on.
    const { registrationId, ...rest } = decodePreKeySignalMessage(bytes);
    for (let at = 0; at < bytes.length; at++) {
      const altered = Uint8Array.from(bytes);
      altered[at]! ^= 1;
      const onlyRegistration = (() => {
        try {
          const { registrationId: other, ...same } = decodePreKeySignalMessage(altered);
          return other !== registrationId && JSON.stringify(same) === JSON.stringify(rest);
        } catch {
          return false;
        }
      })();
      if (!onlyRegistration) await refuses(ben, altered);
    }
    expect(fromUtf8(await ben.receive(bytes))).toBe('hello');
  });

  test('a message of another session, of nobody, or of ourselves is refused', async () => {
    const [ana, ben] = await acquaintances();
    const [carla] = await acquaintances();
    await refuses(ben, await carla.send(utf8('hello')), 'bad-mac');
    await refuses(new Device(), await ana.send(utf8('hello')), 'no-session');
    await refuses(ana, await ana.send(utf8('hello')), 'bad-mac');
  });

  test('a message in another version than its session is refused, even from its true sender', async () => {
    const [ana, ben] = await acquaintances();
    ana.record = { ...ana.record!, current: { ...ana.record!.current, version: 3 } };
    await refuses(ben, await ana.send(utf8('hello')), 'bad-mac');
  });

  test('a ratchet key of small order is refused before it is used', async () => {
    const [ana, ben] = await acquaintances();
    const bytes = await ana.send(utf8('hello'));
    const at = bytes.length - decodeSignalMessage(bytes).signed.length;
    expect(at).toBe(8);
    const altered = Uint8Array.from(bytes);
    // Version, tag, length and type byte stand before the 32 bytes of the key.
    altered.fill(0, 4, 36);
    await refuses(ben, altered, 'low-order-key');
  });
});

describe('order and loss', { timeout: 30_000 }, () => {
  test('each message is read once', async () => {
    const [ana, ben] = await acquaintances();
    const bytes = await ana.send(utf8('hello'));
    await ben.receive(bytes);
    await refuses(ben, bytes, 'duplicate-message');
    await say(ben, ana, 'turn');
    await say(ana, ben, 'turn');
    await refuses(ben, bytes, 'duplicate-message');
  });

  test('messages of many turns ago are still read', async () => {
    const [ana, ben] = await acquaintances();
    const late: [Uint8Array, string][] = [];
    for (let i = 0; i < 20; i++) {
      for (const part of ['x', 'y']) late.push([await ana.send(utf8(`${part} ${i}`)), `${part} ${i}`]);
      await say(ana, ben, 'now');
      late.push([await ana.send(utf8(`z ${i}`)), `z ${i}`]);
      await say(ben, ana, 'answer');
    }
    for (const [bytes, text] of late.reverse()) expect(fromUtf8(await ben.receive(bytes))).toBe(text);
  });

  test('2 000 messages may be missing in between, and arrive later; 2 001 may not', async () => {
    const [ana, ben] = await acquaintances();
    const early: Uint8Array[] = [];
    for (let i = 0; i < 2001; i++) early.push(await ana.send(Uint8Array.of(i & 255)));
    const after = await ana.send(utf8('after'));
    await refuses(ben, after, 'too-far-ahead');
    expect(await ben.receive(early[0]!)).toEqual(Uint8Array.of(0));
    expect(fromUtf8(await ben.receive(after))).toBe('after');
    expect(await ben.receive(early[2000]!)).toEqual(Uint8Array.of(2000 & 255));
    expect(await ben.receive(early[1]!)).toEqual(Uint8Array.of(1));
    await refuses(ben, early[1]!, 'duplicate-message');
  });

  test('of more than 2 000 missing messages over several turns, the oldest are given up', async () => {
    const [ana, ben] = await acquaintances();
    const missing: Uint8Array[][] = [];
    for (const count of [1, 2, 499, 1500]) {
      const lost: Uint8Array[] = [];
      for (let i = 0; i < count; i++) lost.push(await ana.send(Uint8Array.of(missing.length, i & 255)));
      missing.push(lost);
      await say(ana, ben, 'now');
      await say(ben, ana, 'answer');
    }
    const [oldest, older, old, recent] = missing;
    for (const given of [oldest![0]!, older![0]!]) await refuses(ben, given, 'duplicate-message');
    expect(await ben.receive(older![1]!)).toEqual(Uint8Array.of(1, 1));
    expect(await ben.receive(old![0]!)).toEqual(Uint8Array.of(2, 0));
    expect(await ben.receive(recent![0]!)).toEqual(Uint8Array.of(3, 0));
  });
});

describe('several sessions with one device', { timeout: 30_000 }, () => {
  test('both begin at once: everything arrives, and they meet in one session', async () => {
    const [ana, ben] = [new Device(), new Device()];
    await ana.start(ben);
    await ben.start(ana);
    const [fromAna, fromBen] = [await ana.send(utf8('ana 1')), await ben.send(utf8('ben 1'))];
    expect(fromUtf8(await ana.receive(fromBen))).toBe('ben 1');
    expect(fromUtf8(await ben.receive(fromAna))).toBe('ana 1');
    for (let i = 0; i < 3; i++) {
      await say(ana, ben, 'ana');
      await say(ben, ana, 'ben');
    }
    expect(ana.record!.current.baseKey).toEqual(ben.record!.current.baseKey);
    // The session that lost is kept behind, once, and no state from before of the one that won.
    for (const { record } of [ana, ben]) {
      expect(record!.archived).toHaveLength(1);
      expect(record!.archived[0]!.baseKey).not.toEqual(record!.current.baseKey);
    }
    expect(isPreKeySignalMessage(await ana.send(utf8('settled')))).toBe(false);
  });

  test('a session begun anew works at once, and what was on its way in the old one is still read', async () => {
    const [ana, ben] = await acquaintances();
    const old = await ana.send(utf8('old'));
    await ana.start(ben);
    await say(ana, ben, 'new');
    expect(fromUtf8(await ben.receive(old))).toBe('old');
    await say(ben, ana, 'and back');
    await say(ana, ben, 'and forth');
    await ana.start(ben);
    await say(ana, ben, 'newer');
    await refuses(ben, old, 'duplicate-message');
  });

  test('what was on its way in several old ones is still read, in any order', async () => {
    const [ana, ben] = await acquaintances();
    const late: Uint8Array[] = [];
    for (let i = 0; i < 3; i++) {
      late.push(await ana.send(utf8(`late ${i}`)));
      await ana.start(ben);
      await say(ana, ben, 'now');
      await say(ben, ana, 'answer');
    }
    for (const i of [1, 0, 2]) expect(fromUtf8(await ben.receive(late[i]!))).toBe(`late ${i}`);
    expect(ben.record!.archived).toHaveLength(3);
  });

  test('what none of them opens is refused for the reason that the present one gives', async () => {
    const [ana, ben] = [new Device(), new Device()];
    const { kyberPreKey: _, ...stripped } = ben.bundle;
    for (const bundle of [stripped, ben.bundle]) {
      await ana.start({ bundle });
      await say(ana, ben, 'hello');
      await say(ben, ana, 'hello');
    }
    expect(ben.record).toMatchObject({ current: { version: 4 }, archived: [{ version: 3 }] });
    const { current } = ana.record!;
    ana.record = { ...ana.record!, current: { ...current, sending: { ...current.sending, index: 2001 } } };
    await refuses(ben, await ana.send(utf8('far ahead')), 'too-far-ahead');
  });

  test('40 replaced sessions are kept, not 41', async () => {
    const [ana, ben] = await acquaintances();
    const first = await ana.send(utf8('first'));
    await ana.start(ben);
    const second = await ana.send(utf8('second'));
    await ben.receive(second);
    for (let i = 0; i < 40; i++) {
      await ana.start(ben);
      await say(ana, ben, 'again');
    }
    expect(ben.record!.archived).toHaveLength(40);
    await refuses(ben, first, 'bad-mac');
    await refuses(ben, second, 'duplicate-message');
  });
});

test('encrypting leaves the record that was passed in as it was', async () => {
  const [ana] = await acquaintances();
  const before = serializeSession(ana.record!);
  const [one, two] = [await encrypt(ana.record!, utf8('x')), await encrypt(ana.record!, utf8('x'))];
  expect(serializeSession(ana.record!)).toEqual(before);
  expect(one.bytes).toEqual(two.bytes);
});
