import { generateKeyPair } from '../curve.ts';
import { generateKyberPreKey, generateOneTimePreKeys, generateSignedPreKey } from '../prekeys.ts';
import { decrypt, encrypt, type PreKeyLookup, startSession } from '../session.ts';
import type { SessionRecord } from '../state.ts';
import type { LocalIdentity, PreKeyBundle } from '../x3dh.ts';

/** A device for tests: its keys, and one session record that is replaced only when an operation succeeds. */
export class Device {
  readonly local: LocalIdentity;
  readonly bundle: PreKeyBundle;
  readonly lookup: PreKeyLookup;
  record: SessionRecord | undefined;

  constructor({ kyber = true, oneTime = true }: { kyber?: boolean; oneTime?: boolean } = {}) {
    const identity = generateKeyPair();
    this.local = { identity, registrationId: 42 };
    const signed = generateSignedPreKey(identity, 1);
    const [ephemeral] = generateOneTimePreKeys(2, 1);
    const kem = generateKyberPreKey(identity, 3);
    this.bundle = {
      registrationId: 42,
      deviceId: 1,
      identityKey: identity.publicKey,
      signedPreKey: { id: 1, publicKey: signed.keyPair.publicKey, signature: signed.signature },
      ...(oneTime && { oneTimePreKey: { id: 2, publicKey: ephemeral!.keyPair.publicKey } }),
      ...(kyber && { kyberPreKey: { id: 3, publicKey: kem.publicKey, signature: kem.signature } }),
    };
    this.lookup = {
      signed: async (id) => (id === 1 ? signed.keyPair : undefined),
      oneTime: async (id) => (id === 2 ? ephemeral!.keyPair : undefined),
      kyber: async (id) => (id === 3 ? kem : undefined),
    };
  }

  /** Begins a session with `other`; the sessions before stay behind it. */
  async start(other: { readonly bundle: PreKeyBundle }): Promise<void> {
    this.record = await startSession(this.local, other.bundle, { record: this.record });
  }

  /** Loses its sessions. */
  forget(): void {
    this.record = undefined;
  }

  /** Encrypts with the current session. */
  async send(plaintext: Uint8Array): Promise<Uint8Array> {
    const { record, bytes } = await encrypt(this.record!, plaintext);
    this.record = record;
    return bytes;
  }

  async receive(bytes: Uint8Array): Promise<Uint8Array> {
    const { record, plaintext } = await decrypt(this.record, this.local, this.lookup, bytes);
    this.record = record;
    return plaintext;
  }
}

/** Two devices that have exchanged a message each, so that no handshake goes along any more. */
export async function acquaintances(options?: { kyber?: boolean }): Promise<[Device, Device]> {
  const pair: [Device, Device] = [new Device(options), new Device(options)];
  const [ana, ben] = pair;
  await ana.start(ben);
  await ben.receive(await ana.send(new Uint8Array(0)));
  await ana.receive(await ben.send(new Uint8Array(0)));
  return pair;
}
