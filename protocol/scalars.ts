import * as z from 'zod/mini';
import { uuidPattern } from './spelling.ts';

// zod compiles validators with `new Function` where it may; our content security policy forbids eval.
z.config({ jitless: true });

/** A UUID in lower case; clients make version 7 (RFC 9562) so that ids sort by time. */
export const Uuid = z.string().check(z.regex(uuidPattern));

const digit = '[A-Za-z0-9_-]';
/** The last characters of one byte too many for a group of three, and of two: in their one spelling, what they have too many is zero (RFC 4648 section 3.5). */
const ends = ['', '[AQgw]', '[AEIMQUYcgkosw048]'] as const;

/** What between `min` and `max` bytes are in base64url. As narrow as can be said, for whoever makes such texts by the OpenAPI document. */
function base64url(min: number, max: number): RegExp {
  const [least, most] = [Math.floor(min / 3), Math.floor(max / 3)];
  const rest = min % 3;
  return min === max
    ? new RegExp(`^${digit}{${least * 4 + rest}}${ends[rest]}$`)
    : new RegExp(`^(?:${digit}{4}){${least},${most}}(?:${digit}${ends[1]}|${digit}{2}${ends[2]})?$`);
}

/** Unpadded base64url of between `min` and `max` bytes. */
export const bytes = (min: number, max: number = min) =>
  z
    .string()
    .check(
      z.minLength(Math.ceil((min * 4) / 3)),
      z.maxLength(Math.ceil((max * 4) / 3), { abort: true }),
      z.regex(base64url(min, max), { message: 'must be unpadded base64url' }),
    );

/** A whole number in [min, max]. */
export const integer = (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  z.int().check(z.minimum(min), z.maximum(max));

/** `integer` in the query or path of an address: its digits, spelled in one way. */
export const queryInteger = (min: number, max?: number) =>
  z.pipe(
    z.transform((text) =>
      typeof text === 'string' && /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : text,
    ),
    integer(min, max),
  );

/** Where a page of a list ended, for the next one: opaque, signed by the service, good for the same list of the same account. */
export const Cursor = bytes(0, 225);

/**
 * An email address, already trimmed and in lower case (`normaliseEmail`); nothing in it that a database can't hold. The pattern names
 * what may be there, as the OpenAPI document shows it to languages that know no classes of Unicode.
 */
export const Email = z.string().check(
  // First of all: the pattern's time grows by the square.
  z.maxLength(254, { abort: true }),
  z.regex(
    /^[!-?[-~\u00a1-\ud7ff\ue000-\ufffd]+@[!-?[-~\u00a1-\ud7ff\ue000-\ufffd]+\.[!-?[-~\u00a1-\ud7ff\ue000-\ufffd]+$/,
    { message: 'must be an email address in lower case' },
  ),
  z.refine((text) => !/\s/.test(text), { message: 'must be without spaces' }),
);

export { normaliseEmail } from './spelling.ts';

/** A public key as Signal writes it: 05 ‖ u, 33 bytes. */
export const PublicKey = bytes(33);
/** An XEdDSA or Ed25519 signature. */
export const Signature = bytes(64);
/** A SHA-256 hash. */
export const Hash = bytes(32);
/** A device number as Signal has it. */
export const DeviceId = integer(1, 127);
/** Milliseconds since 1970. */
export const Millis = integer(0);
/** An RFC 3339 instant in UTC. */
export const Instant = z.iso.datetime();

/** `userId:deviceId`, the address of one device. */
export const DeviceAddress = z
  .string()
  .check(z.regex(/^[0-9a-f-]{36}:([1-9]|[1-9][0-9]|1[01][0-9]|12[0-7])$/));
/** Writes a device address. */
export const deviceAddress = (userId: string, deviceId: number): string => `${userId}:${deviceId}`;
/** The person of a device address. */
export const userOf = (address: string): string => address.slice(0, 36);
/** The device's number in a device address. */
export const deviceOf = (address: string): number => Number(address.slice(37));
