// The part of libsignal-client's public API that the benchmark and the conversations use. The package itself is AGPL-3.0:
// it is installed into a scratch folder when one of them runs, and is no dependency of ours.

interface Serializable {
  serialize(): Uint8Array;
}
export interface PublicKey extends Serializable {
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}
export interface PrivateKey extends Serializable {
  sign(message: Uint8Array): Uint8Array;
  getPublicKey(): PublicKey;
}
interface KemKeyPair {
  getPublicKey(): Serializable;
}
interface Address {
  toString(): string;
}
interface Ciphertext extends Serializable {
  type(): number;
}
interface Fingerprint {
  displayableFingerprint(): { toString(): string };
  scannableFingerprint(): { toBuffer(): Uint8Array };
}
type Opaque = object;
type Deserializer<T> = { deserialize(bytes: Uint8Array): T };
type Store = abstract new () => object;

export interface Libsignal {
  readonly PublicKey: Deserializer<PublicKey>;
  readonly PrivateKey: { generate(): PrivateKey };
  readonly KEMKeyPair: { generate(): KemKeyPair };
  readonly KEMPublicKey: Deserializer<Opaque>;
  readonly ProtocolAddress: { new: (name: string, device: number) => Address };
  readonly PreKeyRecord: { new: (id: number, publicKey: PublicKey, privateKey: PrivateKey) => Opaque };
  readonly SignedPreKeyRecord: {
    new: (id: number, at: number, key: PublicKey, secret: PrivateKey, signature: Uint8Array) => Opaque;
  };
  readonly KyberPreKeyRecord: {
    new: (id: number, at: number, keyPair: KemKeyPair, signature: Uint8Array) => Opaque;
  };
  readonly PreKeyBundle: {
    new: (
      registrationId: number,
      deviceId: number,
      preKeyId: number | null,
      preKey: PublicKey | null,
      signedPreKeyId: number,
      signedPreKey: PublicKey,
      signature: Uint8Array,
      identityKey: PublicKey,
      kyberPreKeyId: number | null,
      kyberPreKey: Opaque | null,
      kyberSignature: Uint8Array | null,
    ) => Opaque;
  };
  readonly SessionStore: Store;
  readonly IdentityKeyStore: Store;
  readonly PreKeyStore: Store;
  readonly SignedPreKeyStore: Store;
  readonly KyberPreKeyStore: Store;
  readonly SenderKeyStore: Store;
  readonly SignalMessage: Deserializer<Opaque>;
  readonly PreKeySignalMessage: Deserializer<Opaque>;
  readonly SenderKeyDistributionMessage: Deserializer<Opaque> & {
    create(sender: Address, distributionId: string, store: object): Promise<Serializable>;
  };
  readonly Fingerprint: {
    new: (
      iterations: number,
      version: number,
      localId: Uint8Array,
      localKey: PublicKey,
      remoteId: Uint8Array,
      remoteKey: PublicKey,
    ) => Fingerprint;
  };
  processPreKeyBundle(bundle: Opaque, peer: Address, sessions: object, identity: object): Promise<void>;
  signalEncrypt(text: Uint8Array, peer: Address, sessions: object, identity: object): Promise<Ciphertext>;
  signalDecrypt(message: Opaque, peer: Address, sessions: object, identity: object): Promise<Uint8Array>;
  signalDecryptPreKey(
    message: Opaque,
    peer: Address,
    sessions: object,
    identity: object,
    preKeys: object,
    signedPreKeys: object,
    kyberPreKeys: object,
  ): Promise<Uint8Array>;
  processSenderKeyDistributionMessage(sender: Address, message: Opaque, store: object): Promise<void>;
  groupEncrypt(sender: Address, distributionId: string, store: object, text: Uint8Array): Promise<Ciphertext>;
  groupDecrypt(sender: Address, store: object, message: Uint8Array): Promise<Uint8Array>;
}
