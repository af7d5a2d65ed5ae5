import {
  decrypt,
  encrypt,
  type LocalIdentity,
  type PreKeyLookup,
  parseSession,
  type SessionVersion,
  SignalError,
  serializeSession,
  startSession,
} from '../../../../crypto/signal/index.ts';
import { equalBytes, fromBase64, fromUtf8, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import { DevicePayload } from '../../../../protocol/content.ts';
import { m } from '../../language/index.ts';
import type { Draft, Row } from '../store/store.ts';
import { EngineError } from '../types.ts';
import { seconds } from './chains.ts';
import { preKeyKey } from './device.ts';
import type { Holder } from './holder.ts';
import type { Reader } from './sealing.ts';

/** What came from `address` could not be opened: the next message to it begins a new session, and the old one is kept behind that. */
export async function doubtSession(draft: Draft, address: string): Promise<void> {
  const row = await draft.get('sessions', address);
  if (row) draft.put('sessions', address, { ...row, stale: true });
}

/** Whether a session can go on: it is not in doubt, nor from an older handshake than its device's list demands. */
export const isUsable = ({ record, stale }: Row<'sessions'>, minVersion: SessionVersion): boolean =>
  !stale && parseSession(fromBase64(record)).current.version >= minVersion;

/** What our own signed device list demands (`publishDevice`): who offers less was talked down on the way. */
const ownMinVersion = 4;

/** The device that this browser is, and its keys. */
export type LocalDevice = Pick<Holder, 'account' | 'keys'>;

/**
 * Pairwise sessions with single devices (X3DH/PQXDH, Double Ratchet). All changes go into the caller's draft, which is
 * committed before any ciphertext leaves; the caller holds the lock `crypto`. Made for one batch of work: it keeps the
 * identity key, which takes a while to derive.
 */
export class Pairwise {
  readonly device: LocalDevice;
  #identity: LocalIdentity | undefined;
  #handshakes = 0;
  constructor(device: LocalDevice) {
    this.device = device;
  }

  /** How many handshakes were read: each took prekeys of the stock. */
  get handshakes(): number {
    return this.#handshakes;
  }

  /**
   * Encrypts for one device; starts a session from its bundle where there is none.
   *
   * @throws SignalError `downgrade` where there is only a session from an older handshake than `minVersion`
   * @throws EngineError `changed-identity` when the session was made with another identity: sessions are shared by all
   *   rooms, and a name in one room must not open the keys of another
   */
  async seal(
    draft: Draft,
    { address, identityKey, bundle, minVersion }: Omit<Reader, 'userId'>,
    payload: DevicePayload,
  ): Promise<Uint8Array> {
    const row = await draft.get('sessions', address);
    if (!row && !bundle) throw new EngineError('no-session', m.engine_noSession({ address }));
    const known = row && parseSession(fromBase64(row.record));
    const record =
      known && !(bundle && (row.stale || known.current.version < minVersion))
        ? known
        : await startSession(this.#local(), bundle!, { record: known, minVersion });
    if (record.current.version < minVersion)
      throw new SignalError('downgrade', 'the session with them is from before post-quantum handshakes');
    if (!equalBytes(record.current.remoteIdentity, fromBase64(identityKey)))
      throw new EngineError('changed-identity', m.engine_notWhoElsewhere());
    const sealed = await encrypt(record, utf8(JSON.stringify(payload)));
    draft.put('sessions', address, { record: toBase64(serializeSession(sealed.record)) });
    return sealed.bytes;
  }

  /**
   * Decrypts what the device at `address` sent; `identityKey` is whom the roster says that it belongs to. Undefined for a
   * payload that this version cannot read: its session has moved on all the same.
   *
   * @throws SignalError for what must not be believed
   */
  async open(
    draft: Draft,
    address: string,
    identityKey: string,
    bytes: Uint8Array,
  ): Promise<DevicePayload | undefined> {
    const row = await draft.get('sessions', address);
    const record = row && parseSession(fromBase64(row.record));
    const opened = await decrypt(record, this.#local(), this.#lookup(draft), bytes, {
      now: seconds(),
      minVersion: ownMinVersion,
    });
    if (!equalBytes(opened.senderIdentity, fromBase64(identityKey)))
      throw new SignalError(
        'untrusted-identity',
        'the payload is from another identity than the one in the room',
      );
    draft.put('sessions', address, { record: toBase64(serializeSession(opened.record)) });
    const { oneTimePreKeyId, kyberPreKeyId } = opened.consumed ?? {};
    if (opened.consumed) this.#handshakes++;
    if (oneTimePreKeyId !== undefined) draft.delete('prekeys', preKeyKey('ec', oneTimePreKeyId));
    // The last-resort key serves many handshakes; one-time ones serve one.
    if (
      kyberPreKeyId !== undefined &&
      (await draft.get('prekeys', preKeyKey('kyber', kyberPreKeyId)))?.kind === 'kyber'
    )
      draft.delete('prekeys', preKeyKey('kyber', kyberPreKeyId));
    return readPayload(opened.plaintext);
  }

  #local(): LocalIdentity {
    const { keys, account } = this.device;
    this.#identity ??= { identity: keys.identity, registrationId: account.registrationId };
    return this.#identity;
  }

  #lookup(draft: Draft): PreKeyLookup {
    const pair = async (kind: 'signed' | 'ec', id: number) => {
      const row = await draft.get('prekeys', preKeyKey(kind, id));
      return row && { publicKey: fromBase64(row.publicKey), privateKey: fromBase64(row.privateKey) };
    };
    return {
      signed: (id) => pair('signed', id),
      oneTime: (id) => pair('ec', id),
      kyber: async (id) => {
        const row = await draft.get('prekeys', preKeyKey('kyber', id));
        return row && { publicKey: fromBase64(row.publicKey), secretKey: fromBase64(row.privateKey) };
      },
    };
  }
}

function readPayload(plaintext: Uint8Array): DevicePayload | undefined {
  try {
    return DevicePayload.parse(JSON.parse(fromUtf8(plaintext)));
  } catch {
    return undefined;
  }
}
