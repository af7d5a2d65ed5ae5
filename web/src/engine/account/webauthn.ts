import { fromBase64, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import { type Assertion, passkeyAlgorithms } from '../../../../protocol/rest/index.ts';
import { m } from '../../language/index.ts';
import type { NewPasskey, UsedPasskey } from '../crypto/index.ts';
import { EngineError } from '../types.ts';

/** What every passkey is asked about: each answers with 32 bytes of its own, and always the same. */
const prfInput = utf8('Stream Chat passkey v1');
/** Milliseconds that a person may take. */
const timeout = 120_000;

const withPrf = { prf: { eval: { first: prfInput } } };

/**
 * Makes a passkey in this browser, then has it sign: that gives its `prf` answer, and shows the service that it works.
 *
 * @param made of whom it is; `known` are passkeys of theirs, so that one authenticator doesn't hold two
 * @throws EngineError `no-prf`, `no-passkey`, `passkey-exists`
 */
export async function createPasskey(
  { id, email, name }: { id: string; email: string; name: string },
  known: readonly string[],
  challenge: () => Promise<string>,
): Promise<NewPasskey> {
  const credential = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: 'Stream Chat' },
        user: { id: utf8(id), name: email, displayName: name },
        // What it answers here is not looked at: it proves itself below.
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: passkeyAlgorithms.map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: known.map(descriptor),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        extensions: { prf: {} },
        timeout,
      },
    }),
  );
  if (!credential.getClientExtensionResults().prf?.enabled) {
    await forget(credential);
    throw noPrf(m.engine_passkeyNotKept());
  }
  const response = credential.response as AuthenticatorAttestationResponse;
  const used = await getPasskey(await challenge(), [credential.id]).catch(async (error) => {
    await forget(credential);
    throw error;
  });
  return {
    ...used,
    publicKey: toBase64(new Uint8Array(response.getPublicKey()!)),
    algorithm: response.getPublicKeyAlgorithm() as NewPasskey['algorithm'],
  };
}

/**
 * Has a passkey of this site sign `challenge`, whichever the person picks.
 *
 * @throws EngineError `no-prf`, `no-passkey`
 */
export const usePasskey = (challenge: string): Promise<UsedPasskey> => getPasskey(challenge, []);

async function getPasskey(challenge: string, only: readonly string[]): Promise<UsedPasskey> {
  const credential = await ask(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: fromBase64(challenge),
        allowCredentials: only.map(descriptor),
        userVerification: 'required',
        extensions: withPrf,
        timeout,
      },
    }),
  );
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) throw noPrf(m.engine_passkeyOpensNothing());
  const response = credential.response as AuthenticatorAssertionResponse;
  const base64 = (buffer: ArrayBuffer) => toBase64(new Uint8Array(buffer));
  const assertion: Assertion = {
    clientData: base64(response.clientDataJSON),
    authenticatorData: base64(response.authenticatorData),
    signature: base64(response.signature),
  };
  return { credentialId: credential.id, assertion, prf: new Uint8Array(first as ArrayBuffer) };
}

const descriptor = (id: string) => ({ type: 'public-key' as const, id: fromBase64(id) });
const noPrf = (message: string) => new EngineError('no-prf', message);

/** Runs a question to the authenticator; what people and browsers answer becomes a sentence. */
async function ask(question: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await question();
    if (credential) return credential as PublicKeyCredential;
  } catch (cause) {
    const { name } = cause as Error;
    if (name === 'InvalidStateError')
      throw new EngineError('passkey-exists', m.engine_passkeyExists(), { cause });
    // Browsers don't tell a person who said no from an authenticator that has none.
    if (name !== 'NotAllowedError' && name !== 'AbortError') {
      throw new EngineError('no-passkey', m.engine_passkeysDontWork(), {
        cause,
      });
    }
  }
  throw new EngineError('no-passkey', m.engine_noPasskey());
}

/** Tells the browser that a credential is of no use, where it listens. */
async function forget({ id }: PublicKeyCredential): Promise<void> {
  const listener = PublicKeyCredential as unknown as {
    signalUnknownCredential?: (which: { rpId: string; credentialId: string }) => Promise<void>;
  };
  await listener
    .signalUnknownCredential?.({ rpId: location.hostname, credentialId: id })
    .catch(() => undefined);
}
