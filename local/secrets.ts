// The secrets of one data directory: made once, kept where only its owner reads.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Secrets {
  /** Ed25519 private key as a JWK with a `kid`, in JSON. */
  JWT_PRIVATE_JWK: string;
  /** P-256 private key as a JWK, in JSON: Web Push. */
  VAPID_PRIVATE_JWK: string;
  /** 32 random bytes, base64url: what rooms stamp messages with, for reports. */
  FRANKING_KEY: string;
  /** What Neon's local endpoint asks of the Worker. */
  DATABASE_PASSWORD: string;
}

/** Makes fresh secrets. */
export function makeSecrets(): Secrets {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'EdDSA', use: 'sig' };
  return {
    JWT_PRIVATE_JWK: JSON.stringify(jwk),
    VAPID_PRIVATE_JWK: JSON.stringify(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
    ),
    FRANKING_KEY: randomBytes(32).toString('base64url'),
    DATABASE_PASSWORD: randomBytes(32).toString('base64url'),
  };
}

/** The secrets kept in `file`; what is missing there is made and written back (mode 0600). */
export function loadSecrets(file: string): Secrets {
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>) : {};
  const secrets: Secrets = { ...makeSecrets(), ...kept };
  if (Object.keys(kept).length < Object.keys(secrets).length) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return secrets;
}
