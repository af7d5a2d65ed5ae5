// `node bench/interop/libsignal.ts [seed]`: our protocol and libsignal's talk with each other, whoever begins, over a
// network that loses, reorders, repeats and damages. Run by hand; installs libsignal-client into scratch folders.
import assert from 'node:assert/strict';
import {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
  generateKeyPair,
  keyPairFromPrivate,
  parseSession,
  safetyNumber,
  serializeSession,
  sign,
  verify,
} from '../../crypto/signal/index.ts';
import { Device } from '../../crypto/signal/testing/device.ts';
import { seeded } from '../../crypto/signal/testing/random.ts';
import { isPreKeySignalMessage } from '../../crypto/signal/wire.ts';
import { fromUtf8, utf8 } from '../../protocol/bytes.ts';
import type { Libsignal } from './libsignal-api.ts';
import { LibsignalDevice, LibsignalMember } from './peer.ts';
import { installLibsignal, loadLibsignal } from './scratch.ts';

type Random = (n: number) => number;
type Counts = { sessions: number; delivered: number; lost: number; repeated: number; damaged: number };
interface Letter {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** The versions, and whether bundles have a Kyber key: 0.90.0 takes none without. */
const versions = [
  { version: '0.72.1', kyber: [false, true] },
  { version: '0.90.0', kyber: [true] },
] as const;
const conversations = 12;
const steps = 120;

const take = (letters: Letter[], next: Random): Letter =>
  letters.splice(next(Math.min(6, letters.length)), 1)[0]!;

/** One conversation. Throws an AssertionError where the two do not understand each other. */
async function converse(
  library: Libsignal,
  options: { kyber: boolean; oneTime: boolean },
  starter: 'ours' | 'theirs' | 'both',
  next: Random,
  counts: Counts,
) {
  const ours = new Device(options);
  const theirs = await LibsignalDevice.make(library, options);
  if (starter !== 'theirs') await ours.start(theirs);
  if (starter !== 'ours') await theirs.start(ours);
  const sides = {
    ours: { self: ours, mayWrite: starter !== 'theirs', incoming: [] as Letter[] },
    theirs: { self: theirs, mayWrite: starter !== 'ours', incoming: [] as Letter[] },
  };
  counts.sessions++;
  for (let step = 0; step < steps; step++) {
    const [me, other] = next(2) ? [sides.ours, sides.theirs] : [sides.theirs, sides.ours];
    if (next(2) && me.mayWrite) {
      const text = `message ${step}`;
      other.incoming.push({ text, bytes: await me.self.send(utf8(text)) });
    } else if (me.incoming.length) {
      const { bytes, text } = take(me.incoming, next);
      if (next(100) < 15) {
        counts.lost++;
        continue;
      }
      // A handshake has fields that nothing depends on, so only ordinary messages must refuse any damage.
      if (!isPreKeySignalMessage(bytes) && next(4) === 0) {
        const at = next(bytes.length);
        await assert.rejects(me.self.receive(bytes.with(at, bytes[at]! ^ (1 + next(255)))));
        counts.damaged++;
      }
      assert.equal(fromUtf8(await me.self.receive(bytes)), text);
      me.mayWrite = true;
      counts.delivered++;
      if (next(4) === 0) {
        await assert.rejects(me.self.receive(bytes));
        counts.repeated++;
      }
      if (ours.record) ours.record = parseSession(serializeSession(ours.record));
    }
  }
}

/** A chain of 300 messages each way, shuffled, some lost, each read once. */
async function talkInRoom(library: Libsignal, next: Random): Promise<number> {
  const id = 'd1d1d1d1-7000-11eb-b32a-33b8a8a487a6';
  const arriving = (letters: Letter[]) =>
    letters
      .filter(() => next(100) >= 15)
      .map((letter) => ({ letter, at: next(1_000_000) }))
      .sort((a, b) => a.at - b.at)
      .map(({ letter }) => letter);
  const texts = Array.from({ length: 300 }, (_, i) => `message ${i}`);
  let read = 0;

  let own = createSenderKey(id);
  const follower = new LibsignalMember(library);
  await follower.follow(distribution(own));
  const written: Letter[] = [];
  for (const text of texts) {
    const { state, bytes } = encryptGroup(own, utf8(text));
    own = state;
    written.push({ text, bytes });
  }
  for (const { text, bytes } of arriving(written)) {
    assert.equal(fromUtf8(await follower.receive(bytes)), text);
    if (next(10) === 0) await assert.rejects(follower.receive(bytes));
    read++;
  }

  const maker = new LibsignalMember(library);
  let followed = acceptDistribution(await maker.distribution(id));
  const theirs: Letter[] = [];
  for (const text of texts) theirs.push({ text, bytes: await maker.send(id, utf8(text)) });
  for (const { text, bytes } of arriving(theirs)) {
    const { state, plaintext } = await decryptGroup(followed, bytes);
    assert.equal(fromUtf8(plaintext), text);
    followed = state;
    if (next(10) === 0) await assert.rejects(decryptGroup(followed, bytes), { reason: 'duplicate-message' });
    read++;
  }
  return read;
}

/** 300 signatures each way, and 20 safety numbers. */
async function compareKeys(library: Libsignal, next: Random) {
  for (let i = 0; i < 300; i++) {
    const message = new Uint8Array(next(200)).fill(i);
    const ours = generateKeyPair();
    const publicKey = library.PublicKey.deserialize(Buffer.from(ours.publicKey));
    assert(publicKey.verify(Buffer.from(message), Buffer.from(sign(ours.privateKey, message))));
    const theirs = library.PrivateKey.generate();
    const theirPublicKey = new Uint8Array(theirs.getPublicKey().serialize());
    assert(await verify(theirPublicKey, message, new Uint8Array(theirs.sign(Buffer.from(message)))));
    assert.deepEqual(keyPairFromPrivate(new Uint8Array(theirs.serialize())).publicKey, theirPublicKey);
  }
  for (let i = 0; i < 20; i++) {
    const [ana, ben] = [`ana ${i}`, `ben ${i}`].map((id) => ({
      id: utf8(id),
      identityKey: generateKeyPair().publicKey,
    })) as [{ id: Uint8Array; identityKey: Uint8Array }, { id: Uint8Array; identityKey: Uint8Array }];
    const key = (bytes: Uint8Array) => library.PublicKey.deserialize(Buffer.from(bytes));
    const theirs = library.Fingerprint.new(
      5200,
      2,
      Buffer.from(ana.id),
      key(ana.identityKey),
      Buffer.from(ben.id),
      key(ben.identityKey),
    );
    const ours = safetyNumber(ana, ben);
    assert.equal(ours.displayable, theirs.displayableFingerprint().toString());
    assert.deepEqual(ours.scannable, new Uint8Array(theirs.scannableFingerprint().toBuffer()));
  }
}

const seed = Number(process.argv[2] ?? 1);
for (const { version, kyber } of versions) {
  const scratch = await installLibsignal(version);
  try {
    const library = await loadLibsignal(scratch.directory);
    const next = seeded(seed);
    for (const withKyber of kyber) {
      const counts: Counts = { sessions: 0, delivered: 0, lost: 0, repeated: 0, damaged: 0 };
      for (const oneTime of [false, true])
        for (const starter of ['ours', 'theirs', 'both'] as const)
          for (let i = 0; i < conversations; i++)
            await converse(library, { kyber: withKyber, oneTime }, starter, next, counts);
      console.log(`libsignal ${version}, ${withKyber ? 'PQXDH' : 'X3DH'}: ${JSON.stringify(counts)}`);
    }
    console.log(`libsignal ${version}, sender chains: ${await talkInRoom(library, next)} messages read`);
    await compareKeys(library, next);
    console.log(`libsignal ${version}: 300 signatures each way and 20 safety numbers agree`);
  } finally {
    scratch.remove();
  }
}
