import { concat } from '../../protocol/bytes.ts';
import { SignalError } from './errors.ts';

/**
 * The part of protocol buffers that Signal's messages use: unsigned 32-bit integers and bytes, each field at most once.
 * Everything else is refused, so that a message has one encoding and one meaning.
 */
const varintType = 0;
const bytesType = 2;
const maxUint32 = 0xffff_ffff;

/** The fields of one message by their number. */
export type Fields = ReadonlyMap<number, number | Uint8Array>;

function encodeVarint(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > maxUint32)
    throw new RangeError('a field must be an unsigned 32-bit integer');
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  out.push(rest);
  return Uint8Array.from(out);
}

/**
 * Encodes fields in the order given; one whose value is undefined is left out.
 *
 * @throws RangeError for a number that isn't an unsigned 32-bit integer
 */
export function encodeFields(
  ...fields: readonly [number: number, value: number | Uint8Array | undefined][]
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (value === undefined) continue;
    const tag = (type: number) => encodeVarint(number * 8 + type);
    if (typeof value === 'number') parts.push(tag(varintType), encodeVarint(value));
    else parts.push(tag(bytesType), encodeVarint(value.length), value);
  }
  return concat(...parts);
}

/**
 * Decodes one message, strictly. Fields that nobody here knows are kept: their reader ignores them. Byte fields are
 * copies.
 *
 * @throws SignalError `malformed` for another wire type, a field number 0, a repeated field, a varint that is longer
 *   than it must be or above 32 bits, and an end in the middle of a field
 */
export function decodeFields(bytes: Uint8Array): Fields {
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;

  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new SignalError('malformed', 'the message ends in the middle of a field');
      value += (byte & 127) * scale;
      if (value > maxUint32) throw new SignalError('malformed', 'a number does not fit 32 bits');
      if (byte < 128) {
        if (byte === 0 && scale > 1) throw new SignalError('malformed', 'a number is longer than it must be');
        return value;
      }
      if (scale >= 128 ** 4) throw new SignalError('malformed', 'a number is longer than it must be');
    }
  };

  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    if (number === 0) throw new SignalError('malformed', 'there is no field 0');
    if (fields.has(number)) throw new SignalError('malformed', `field ${number} appears twice`);
    const type = tag % 8;
    if (type === varintType) {
      fields.set(number, varint());
    } else if (type === bytesType) {
      const length = varint();
      if (length > bytes.length - at)
        throw new SignalError('malformed', 'the message ends in the middle of a field');
      fields.set(number, bytes.slice(at, at + length));
      at += length;
    } else {
      throw new SignalError('malformed', `wire type ${type} is not used here`);
    }
  }
  return fields;
}

/** A number that may be absent. Throws SignalError `malformed` when the field holds bytes. */
export function optionalNumber(fields: Fields, number: number): number | undefined {
  const value = fields.get(number);
  if (value instanceof Uint8Array) throw new SignalError('malformed', `field ${number} must be a number`);
  return value;
}

/** Bytes that may be absent. Throws SignalError `malformed` when the field holds a number. */
export function optionalBytes(fields: Fields, number: number): Uint8Array | undefined {
  const value = fields.get(number);
  if (typeof value === 'number') throw new SignalError('malformed', `field ${number} must be bytes`);
  return value;
}

/** A number that must be there. Throws SignalError `malformed`. */
export function requiredNumber(fields: Fields, number: number): number {
  const value = optionalNumber(fields, number);
  if (value === undefined) throw new SignalError('malformed', `field ${number} is missing`);
  return value;
}

/** Bytes that must be there, `length` of them when given. Throws SignalError `malformed`. */
export function requiredBytes(fields: Fields, number: number, length?: number): Uint8Array {
  const value = optionalBytes(fields, number);
  if (value === undefined) throw new SignalError('malformed', `field ${number} is missing`);
  if (length !== undefined && value.length !== length)
    throw new SignalError('malformed', `field ${number} must have ${length} bytes`);
  return value;
}
