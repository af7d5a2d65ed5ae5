import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import { envelopeAddress } from '../../worker/ops/sentry.ts';
import { type Check, type Finding, fault, type Subject, unseen, well } from './check.ts';
import { optionalGroups, required, requiredNames } from './settings.ts';

/** That every secret is set, here or at the deployed Worker, and that groups are whole. */
export const secrets: Check = {
  name: 'Secrets',
  async run({ settings, kept, environment }) {
    const absent = requiredNames.filter((name) => !settings[name]);
    const there = absent.length > 0 ? await kept() : new Set<string>();
    const missing = absent.filter((name) => !there.has(name));
    const findings: Finding[] = missing.map((name) =>
      fault(
        `${name} is not set: it is ${required[name]}.`,
        name.endsWith('_JWK') || name === 'FRANKING_KEY'
          ? 'Make one by npm run --silent deploy -- secrets, keep it, and set it in the environment or by --env-file=<file>.'
          : 'Set it in the environment or by --env-file=<file>.',
      ),
    );
    for (const [what, names] of Object.entries(optionalGroups)) {
      const given = names.filter((name) => settings[name]);
      const lacking = names.filter((name) => !settings[name]);
      if (given.length > 0 && lacking.length > 0)
        findings.push(
          fault(
            `${what} is set up by half: ${lacking.join(' and ')} missing.`,
            `Set ${names.join(', ')}, or none of them.`,
          ),
        );
    }
    if (absent.length > missing.length)
      findings.push(
        unseen(
          `${absent.length - missing.length} are kept by the deployed Worker (${environment}), which shows no values.`,
        ),
      );
    if (!findings.some(({ kind }) => kind === 'fault')) findings.push(well('All that is needed is set.'));
    return findings;
  },
};

const freshKeys =
  'Make new ones by npm run --silent deploy -- secrets; how to change a key that is in use stands in ops/deploy.md.';

/** That the key of access tokens signs. */
export const sessionKey: Check = {
  name: 'Session key',
  run: ({ settings }) =>
    whenSet(settings, 'JWT_PRIVATE_JWK', async (value) => {
      const parsed: unknown = JSON.parse(value);
      const keys = (Array.isArray(parsed) ? parsed : [parsed]) as Record<string, string>[];
      if (keys.length === 0) throw new Error('none');
      for (const key of keys) {
        if (key.kty !== 'OKP' || key.crv !== 'Ed25519' || !key.kid) throw new Error('other kind');
        await signs(key, 'EdDSA');
      }
      const kids = new Set(keys.map(({ kid }) => kid));
      if (kids.size < keys.length)
        return [fault('Two keys of JWT_PRIVATE_JWK have the same kid.', 'Leave one of them out.')];
      return [
        well(
          `${keys.length === 1 ? 'One key signs and verifies' : `The first of ${keys.length} keys signs, all verify`}.`,
        ),
      ];
    }).catch(() => [
      fault('JWT_PRIVATE_JWK is no Ed25519 private key as a JWK with a kid, nor a list of such.', freshKeys),
    ]),
};

/** That the key of wake-ups signs. */
export const pushKey: Check = {
  name: 'VAPID',
  run: ({ settings }) =>
    whenSet(settings, 'VAPID_PRIVATE_JWK', async (value) => {
      const key = JSON.parse(value) as Record<string, string>;
      if (key.kty !== 'EC' || key.crv !== 'P-256') throw new Error('other kind');
      await signs(key, 'ES256');
      const subject = settings.VAPID_SUBJECT;
      if (subject && !/^(mailto:.+@.+|https:\/\/.+)$/.test(subject))
        return [
          fault(
            'VAPID_SUBJECT is neither mailto: nor https:, so push services may refuse wake-ups.',
            'Write it as mailto:you@example.org.',
          ),
        ];
      return [well('The key signs and verifies.')];
    }).catch(() => [fault('VAPID_PRIVATE_JWK is no P-256 private key as a JWK.', freshKeys)]),
};

/** That what rooms stamp messages with is long enough. */
export const frankingKey: Check = {
  name: 'Franking key',
  run: ({ settings }) =>
    whenSet(settings, 'FRANKING_KEY', async (value) => {
      const keys = value.split(',').map((part) => part.trim());
      const good = keys.every((key) => /^[\w-]+$/.test(key) && Buffer.from(key, 'base64url').length === 32);
      return [
        good
          ? well('32 bytes.')
          : fault('FRANKING_KEY is not 32 bytes of base64url, or several such by commas.', freshKeys),
      ];
    }),
};

/** That the log is sealed to a key that can be sealed to; which one opens it only its holder can see (`npm run logs`). */
export const logKey: Check = {
  name: 'Log key',
  async run({ settings }) {
    const { LOG_PUBLIC_KEY: key, LOG_DAYS: days } = settings;
    const faults: Finding[] = [];
    if (days && !/^[1-9]\d{0,3}$/.test(days))
      faults.push(fault('LOG_DAYS is no number of days.', 'Write it as 30, or leave it out.'));
    if (!key)
      return [
        ...faults,
        unseen(
          'LOG_PUBLIC_KEY is not here: without it there is no sealed log, warnings and errors are printed.',
        ),
      ];
    if (!isPublicKey(key))
      faults.push(
        fault(
          'LOG_PUBLIC_KEY is no X25519 public key (32 bytes of base64url), so nothing would be logged.',
          'Make a pair by npm run --silent logs -- keys <file>, keep the file, and set what it prints.',
        ),
      );
    return faults.length > 0 ? faults : [well('The log can be sealed to it.')];
  },
};

/** That errors can be reported where SENTRY_DSN says; nobody is asked. */
export const sentry: Check = {
  name: 'Sentry',
  run: ({ settings }) =>
    whenSet(settings, 'SENTRY_DSN', async (value) => [
      envelopeAddress(value)
        ? well('The address of a project.')
        : fault(
            'SENTRY_DSN is no address of a project, so no error would be reported.',
            'Copy the DSN from the project’s settings (Client Keys): https://<key>@<host>/<number>.',
          ),
    ]),
};

/** Not one of the few points of small order either: with these everybody could open. */
function isPublicKey(text: string): boolean {
  if (!/^[\w-]{43}$/.test(text)) return false;
  try {
    const jwk = { kty: 'OKP', crv: 'X25519', x: text };
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    const { privateKey } = generateKeyPairSync('x25519');
    return diffieHellman({ privateKey, publicKey }).some((byte) => byte !== 0);
  } catch {
    return false;
  }
}

async function whenSet(
  settings: Subject['settings'],
  name: string,
  look: (value: string) => Promise<Finding[]>,
): Promise<Finding[]> {
  const value = settings[name];
  return value ? look(value) : [unseen(`${name} is not here to be looked at.`)];
}

/** Signs with a private JWK and verifies with its public part; throws where they don't belong together. */
async function signs(jwk: Record<string, string>, algorithm: string): Promise<void> {
  const { d, ...open } = jwk;
  if (!d) throw new Error('no private key');
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: algorithm })
    .sign(await importJWK(jwk, algorithm));
  await jwtVerify(token, await importJWK(open, algorithm), { algorithms: [algorithm] });
}
