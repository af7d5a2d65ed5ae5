// The message that is sent a million times: what stands for its ciphertext carries a mark and a number.
import { randomBytes } from 'node:crypto';

/** Stands before the number; nothing else that a server sends has it. */
export const mark = 'QQQQQQ';
export const numberDigits = 12;
/** Of 300 bytes as unpadded base64url: a ciphertext of a short text. */
export const boxLength = 400;

const filling = randomBytes(boxLength)
  .toString('base64url')
  .replaceAll('Q', 'q')
  .slice(0, boxLength - mark.length - numberDigits);

/** The ciphertext of message `number`. */
export const marked = (number: number): string =>
  `${mark}${String(number).padStart(numberDigits, '0')}${filling}`;
