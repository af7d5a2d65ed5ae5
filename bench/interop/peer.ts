// A device and a room member whose protocol is libsignal's.
import { isPreKeySignalMessage } from '../../crypto/signal/wire.ts';
import type { PreKeyBundle } from '../../crypto/signal/x3dh.ts';
import type { Libsignal, PrivateKey } from './libsignal-api.ts';

const peerName = '9d0652a3-dcc3-4d11-975f-74d61598733f';
const registrationId = 1234;
const plain = (bytes: Uint8Array) => new Uint8Array(bytes);
const buffer = (bytes: Uint8Array) => Buffer.from(bytes);

/** Stores in memory, as libsignal wants them. */
function makeStores(library: Libsignal, identity: PrivateKey) {
  const maps = { sessions: new Map(), preKeys: new Map(), signed: new Map(), kyber: new Map() };
  const sessions = new (class extends library.SessionStore {
    async saveSession(address: object, record: object) {
      maps.sessions.set(String(address), record);
    }
    async getSession(address: object) {
      return maps.sessions.get(String(address)) ?? null;
    }
    async getExistingSessions(addresses: object[]) {
      return addresses.map((address) => maps.sessions.get(String(address)));
    }
  })();
  const identities = new (class extends library.IdentityKeyStore {
    async getIdentityKey() {
      return identity;
    }
    async getLocalRegistrationId() {
      return registrationId;
    }
    async saveIdentity() {
      return 0;
    }
    async isTrustedIdentity() {
      return true;
    }
    async getIdentity() {
      return null;
    }
  })();
  // Its keys stay when they are used, so that one receiver serves many handshakes of a benchmark.
  const preKeys = new (class extends library.PreKeyStore {
    async savePreKey(id: number, record: object) {
      maps.preKeys.set(id, record);
    }
    async getPreKey(id: number) {
      return maps.preKeys.get(id);
    }
    async removePreKey() {}
  })();
  const signed = new (class extends library.SignedPreKeyStore {
    async saveSignedPreKey(id: number, record: object) {
      maps.signed.set(id, record);
    }
    async getSignedPreKey(id: number) {
      return maps.signed.get(id);
    }
  })();
  const kyber = new (class extends library.KyberPreKeyStore {
    async saveKyberPreKey(id: number, record: object) {
      maps.kyber.set(id, record);
    }
    async getKyberPreKey(id: number) {
      return maps.kyber.get(id);
    }
    async markKyberPreKeyUsed() {}
  })();
  return { maps, sessions, identities, preKeys, signed, kyber };
}

/** A device that speaks through libsignal: it starts, sends and receives as `Device` of crypto/signal/testing does. */
export class LibsignalDevice {
  readonly bundle: PreKeyBundle;
  readonly #library: Libsignal;
  readonly #stores: ReturnType<typeof makeStores>;
  readonly #peer: object;

  private constructor(library: Libsignal, stores: ReturnType<typeof makeStores>, bundle: PreKeyBundle) {
    this.#library = library;
    this.#stores = stores;
    this.#peer = library.ProtocolAddress.new(peerName, 1);
    this.bundle = bundle;
  }

  static async make(
    library: Libsignal,
    { kyber = true, oneTime = true }: { kyber?: boolean; oneTime?: boolean } = {},
  ): Promise<LibsignalDevice> {
    const identity = library.PrivateKey.generate();
    const stores = makeStores(library, identity);
    const signed = library.PrivateKey.generate();
    const signature = identity.sign(signed.getPublicKey().serialize());
    const record = library.SignedPreKeyRecord.new(1, 0, signed.getPublicKey(), signed, signature);
    await stores.signed.saveSignedPreKey(1, record);
    const single = library.PrivateKey.generate();
    await stores.preKeys.savePreKey(2, library.PreKeyRecord.new(2, single.getPublicKey(), single));
    const kem = library.KEMKeyPair.generate();
    const kemSignature = identity.sign(kem.getPublicKey().serialize());
    await stores.kyber.saveKyberPreKey(3, library.KyberPreKeyRecord.new(3, 0, kem, kemSignature));
    return new LibsignalDevice(library, stores, {
      registrationId,
      deviceId: 1,
      identityKey: plain(identity.getPublicKey().serialize()),
      signedPreKey: {
        id: 1,
        publicKey: plain(signed.getPublicKey().serialize()),
        signature: plain(signature),
      },
      ...(oneTime && { oneTimePreKey: { id: 2, publicKey: plain(single.getPublicKey().serialize()) } }),
      ...(kyber && {
        kyberPreKey: {
          id: 3,
          publicKey: plain(kem.getPublicKey().serialize()),
          signature: plain(kemSignature),
        },
      }),
    });
  }

  /** Begins a session with whoever published the bundle. */
  async start({ bundle }: { bundle: PreKeyBundle }): Promise<void> {
    const { PreKeyBundle: Bundle, PublicKey, KEMPublicKey } = this.#library;
    const { oneTimePreKey, signedPreKey, kyberPreKey } = bundle;
    const key = (bytes: Uint8Array) => PublicKey.deserialize(buffer(bytes));
    const theirs = Bundle.new(
      bundle.registrationId,
      1,
      oneTimePreKey?.id ?? null,
      oneTimePreKey ? key(oneTimePreKey.publicKey) : null,
      signedPreKey.id,
      key(signedPreKey.publicKey),
      buffer(signedPreKey.signature),
      key(bundle.identityKey),
      kyberPreKey?.id ?? null,
      kyberPreKey ? KEMPublicKey.deserialize(buffer(kyberPreKey.publicKey)) : null,
      kyberPreKey ? buffer(kyberPreKey.signature) : null,
    );
    await this.#library.processPreKeyBundle(
      theirs,
      this.#peer,
      this.#stores.sessions,
      this.#stores.identities,
    );
  }

  async send(plaintext: Uint8Array): Promise<Uint8Array> {
    const { sessions, identities } = this.#stores;
    const sent = await this.#library.signalEncrypt(buffer(plaintext), this.#peer, sessions, identities);
    return plain(sent.serialize());
  }

  async receive(bytes: Uint8Array): Promise<Uint8Array> {
    const { SignalMessage, PreKeySignalMessage } = this.#library;
    const { sessions, identities, preKeys, signed, kyber } = this.#stores;
    if (!isPreKeySignalMessage(bytes)) {
      const message = SignalMessage.deserialize(buffer(bytes));
      return plain(await this.#library.signalDecrypt(message, this.#peer, sessions, identities));
    }
    const message = PreKeySignalMessage.deserialize(buffer(bytes));
    return plain(
      await this.#library.signalDecryptPreKey(
        message,
        this.#peer,
        sessions,
        identities,
        preKeys,
        signed,
        kyber,
      ),
    );
  }

  /** Loses its sessions. */
  forget(): void {
    this.#stores.maps.sessions.clear();
  }
}

/** Somebody in a room who speaks through libsignal, as sender or as receiver of one chain. */
export class LibsignalMember {
  readonly #library: Libsignal;
  readonly #store: object;
  readonly #sender: object;

  constructor(library: Libsignal) {
    const chains = new Map<string, object>();
    this.#library = library;
    this.#sender = library.ProtocolAddress.new(peerName, 1);
    this.#store = new (class extends library.SenderKeyStore {
      async saveSenderKey(sender: object, distributionId: string, record: object) {
        chains.set(`${sender} ${distributionId}`, record);
      }
      async getSenderKey(sender: object, distributionId: string) {
        return chains.get(`${sender} ${distributionId}`) ?? null;
      }
    })();
  }

  async distribution(distributionId: string): Promise<Uint8Array> {
    const { SenderKeyDistributionMessage } = this.#library;
    const made = await SenderKeyDistributionMessage.create(this.#sender, distributionId, this.#store);
    return plain(made.serialize());
  }

  async follow(distribution: Uint8Array): Promise<void> {
    const message = this.#library.SenderKeyDistributionMessage.deserialize(buffer(distribution));
    await this.#library.processSenderKeyDistributionMessage(this.#sender, message, this.#store);
  }

  async send(distributionId: string, plaintext: Uint8Array): Promise<Uint8Array> {
    const sent = this.#library.groupEncrypt(this.#sender, distributionId, this.#store, buffer(plaintext));
    return plain((await sent).serialize());
  }

  async receive(bytes: Uint8Array): Promise<Uint8Array> {
    return plain(await this.#library.groupDecrypt(this.#sender, this.#store, buffer(bytes)));
  }
}
