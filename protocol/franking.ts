import { equalBytes, fromBase64, fromUtf8, toBase64, utf8 } from './bytes.ts';
import { Envelope, isContent } from './content.ts';
import { fileKeyCommitment } from './file-key.ts';

/** What a room's object attests of a message that it took: who, where, when, and the commitment to what was said. */
export interface Attested {
  readonly room: string;
  readonly seq: number;
  readonly id: string;
  readonly sender: string;
  readonly device: number;
  readonly at: number;
  readonly commitment: string;
}

/** Why a reported plaintext is not what was sent at the place that it names. */
export const findings = [
  'malformed',
  'other-room',
  'other-message',
  'other-sender',
  'altered',
  'wrong-file-key',
] as const;
export type Finding = (typeof findings)[number];

const hmacKey = (secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);

const hmac = async (key: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes));

/** The bytes that a stamp is over: one spelling for one message. */
const stamped = ({ room, seq, id, sender, device, at, commitment }: Attested): Uint8Array<ArrayBuffer> =>
  utf8(`Stream Chat stamp v1\n${JSON.stringify([room, seq, id, sender, device, at, commitment])}`);

/** The service's keys for stamps: the first makes them, all of them verify. */
export interface StampKeys {
  /** The stamp of a message: HMAC-SHA-256, base64url. */
  make(message: Attested): Promise<string>;
  /** Whether `stamp` was made over exactly this by one of the keys. */
  holds(message: Attested, stamp: string): Promise<boolean>;
}

const known = new Map<string, StampKeys>();

/**
 * The stamp keys in `setting`: 32 bytes of base64url each, separated by commas. Undefined where there are none: nothing is stamped
 * then, and no report verified. Throws a RangeError for what is no key.
 */
export function stampKeys(setting: string | undefined): StampKeys | undefined {
  if (!setting) return undefined;
  const already = known.get(setting);
  if (already) return already;
  const secrets = setting.split(',').map((each) => fromBase64(each.trim()));
  if (secrets.some(({ length }) => length !== 32)) throw new RangeError('a stamp key has 32 bytes');
  const keys = Promise.all(secrets.map(hmacKey));
  const made: StampKeys = {
    make: async (message) => toBase64(await hmac((await keys)[0]!, stamped(message))),
    async holds(message, stamp) {
      const given = fromBase64(stamp);
      for (const key of await keys) if (equalBytes(await hmac(key, stamped(message)), given)) return true;
      return false;
    },
  };
  known.set(setting, made);
  return made;
}

/** What a report reveals: the unpadded envelope as it was encrypted, and of a file its key. */
export interface Revealed {
  readonly envelope: Uint8Array<ArrayBuffer>;
  readonly fileKey?: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Judges what a report reveals by what the room attests (DESIGN section 8). The commitment is HMAC-SHA-256 over the envelope's exact
 * bytes under the key inside it: nobody but the sender's own device can have made another plaintext fit.
 *
 * @returns undefined when it is, byte for byte, what was sent at that place; else the first thing that speaks against it
 */
export async function judge(
  { envelope: bytes, fileKey }: Revealed,
  message: Attested,
): Promise<Finding | undefined> {
  const envelope = readEnvelope(bytes);
  if (!envelope) return 'malformed';
  if (envelope.room !== message.room) return 'other-room';
  if (envelope.sender !== message.sender || envelope.device !== message.device) return 'other-sender';
  if (envelope.id !== message.id) return 'other-message';
  const key = await hmacKey(fromBase64(envelope.frankingKey));
  if (!equalBytes(await hmac(key, bytes), fromBase64(message.commitment))) return 'altered';
  if (!fileKey) return undefined;
  const { content } = envelope;
  if (!isContent(content, 'file')) return 'wrong-file-key';
  const commitment = await fileKeyCommitment(fileKey, content.fileId);
  return equalBytes(commitment, fromBase64(content.commitment)) ? undefined : 'wrong-file-key';
}

/** The envelope in `bytes`; undefined when it is none. */
export function readEnvelope(bytes: Uint8Array): Envelope | undefined {
  try {
    return Envelope.safeParse(JSON.parse(fromUtf8(bytes))).data;
  } catch {
    return undefined;
  }
}
