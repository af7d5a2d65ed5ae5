import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../protocol/bytes.ts';
import { routes } from '../../protocol/rest/index.ts';
import { Authenticator, additionOf, type Lies } from '../test/authenticator.ts';
import { ask, newPerson, random, refusal, request } from '../test/client.ts';

async function withPasskey(algorithm: -7 | -8 | -257 = -7) {
  const ana = await newPerson();
  const authenticator = await Authenticator.make(algorithm);
  const body = await additionOf(authenticator, ana.password);
  await ask(routes.addPasskey, { token: ana.token, body });
  return { ana, authenticator, body };
}

const bodyOf = async (authenticator: Authenticator, challenge?: string, lies?: Lies) => ({
  credentialId: authenticator.credentialId,
  assertion: await authenticator.assert(challenge, lies),
  transport: 'body' as const,
});

describe('a passkey', () => {
  it.each([-7, -8, -257] as const)(
    'signs in by algorithm %i, with the secret sealed for it',
    async (algorithm) => {
      const { ana, authenticator, body } = await withPasskey(algorithm);
      const signedIn = await ask(routes.signInByPasskey, { body: await bodyOf(authenticator) });
      expect(signedIn.user.id).toBe(ana.id);
      expect(signedIn.wrappedSecret).toBe(body.wrappedSecret);
      await ask(routes.refresh, { body: { refreshToken: signedIn.refreshToken! } });
      const { items } = await ask(routes.listPasskeys, { token: ana.token });
      expect(items).toMatchObject([{ id: authenticator.credentialId, sealedName: body.sealedName }]);
      expect(items[0]!.usedAt).not.toBeNull();
    },
  );

  it('is no use for a challenge that was used, altered, or made up', async () => {
    const { authenticator } = await withPasskey();
    const { challenge } = await ask(routes.passkeyChallenge, {});
    const body = await bodyOf(authenticator, challenge);
    await ask(routes.signInByPasskey, { body });
    expect(await refusal(routes.signInByPasskey, { body })).toBe('wrong-credentials');
    for (const other of [random(56), `${random(24)}${challenge.slice(32)}`, random(8)])
      expect(await refusal(routes.signInByPasskey, { body: await bodyOf(authenticator, other) })).toBe(
        'wrong-credentials',
      );
  });

  it.each([
    ['another site', { origin: 'https://stream.test.example' }],
    ['another host’s credential', { host: 'example.org' }],
    ['a registration', { type: 'webauthn.create' }],
    ['nobody there', { flags: 0x04 }],
    ['somebody who is not verified', { flags: 0x01 }],
  ])('does not open for %s', async (_, lies) => {
    const { authenticator } = await withPasskey();
    const body = await bodyOf(authenticator, undefined, lies);
    expect(await refusal(routes.signInByPasskey, { body })).toBe('wrong-credentials');
  });

  it('does not open by another one’s signature, nor by a broken one', async () => {
    const { authenticator } = await withPasskey();
    const other = await Authenticator.make();
    const forged = { ...(await bodyOf(other)), credentialId: authenticator.credentialId };
    expect(await refusal(routes.signInByPasskey, { body: forged })).toBe('wrong-credentials');
    const body = await bodyOf(authenticator);
    const cut = toBase64(fromBase64(body.assertion.signature).subarray(0, -3));
    for (const signature of [random(70), random(8), cut])
      expect(
        await refusal(routes.signInByPasskey, {
          body: { ...body, assertion: { ...body.assertion, signature } },
        }),
      ).toBe('wrong-credentials');
  });

  it('whose count went back is a copy', async () => {
    const { authenticator } = await withPasskey();
    authenticator.count = 5;
    await ask(routes.signInByPasskey, { body: await bodyOf(authenticator) });
    for (const count of [5, 4, 0]) {
      authenticator.count = count;
      expect(await refusal(routes.signInByPasskey, { body: await bodyOf(authenticator) })).toBe(
        'wrong-credentials',
      );
    }
    authenticator.count = 6;
    await ask(routes.signInByPasskey, { body: await bodyOf(authenticator) });
  });
});

describe('adding one', () => {
  it('wants the password, and a signature of its own', async () => {
    const { token, password } = await newPerson();
    const authenticator = await Authenticator.make();
    const body = await additionOf(authenticator, random(32));
    expect(await refusal(routes.addPasskey, { token, body })).toBe('wrong-password');
    const other = await Authenticator.make();
    const assertion = await other.assert();
    expect(await refusal(routes.addPasskey, { token, body: { ...body, password, assertion } })).toBe(
      'invalid-body',
    );
    expect((await ask(routes.listPasskeys, { token })).items).toEqual([]);
  });

  it('takes no credential that opens another account', async () => {
    const { authenticator, ana, body: first } = await withPasskey();
    const ben = await newPerson();
    const body = { ...(await additionOf(authenticator, ben.password)) };
    expect(await refusal(routes.addPasskey, { token: ben.token, body })).toBe('conflict');
    const signedIn = await ask(routes.signInByPasskey, { body: await bodyOf(authenticator) });
    expect([signedIn.user.id, signedIn.wrappedSecret]).toEqual([ana.id, first.wrappedSecret]);
  });
});

describe('removing one', () => {
  it('ends it, and only who has it can', async () => {
    const { ana, authenticator } = await withPasskey();
    const params = { id: authenticator.credentialId };
    const ben = await newPerson();
    expect(await refusal(routes.dropPasskey, { params, token: ben.token })).toBe('not-found');
    await ask(routes.dropPasskey, { params, token: ana.token });
    expect(await refusal(routes.signInByPasskey, { body: await bodyOf(authenticator) })).toBe(
      'wrong-credentials',
    );
  });

  it('goes with the account', async () => {
    const { ana, authenticator } = await withPasskey();
    const { token, password } = ana;
    await ask(routes.deleteAccount, { token, body: { password } });
    expect((await request(routes.signInByPasskey, { body: await bodyOf(authenticator) })).status).toBe(401);
  });
});
