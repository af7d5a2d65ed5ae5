import { expect, it } from 'vitest';
import { hasBrowser, openProfile, type Profile } from './browser.ts';
import { register, untilText } from './headless.ts';
import { closeLater, startSystem, system } from './started.ts';

startSystem();

/** A browser whose machine has an authenticator, and somebody who says yes. */
async function openWithAuthenticator(options: { hasPrf: boolean }) {
  const profile = closeLater(await openProfile());
  const { page, context } = profile;
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  });
  return profile;
}

const signIn = async ({ page }: Profile, { email, password }: { email: string; password: string }) => {
  await page.goto(system.url);
  await page.getByTestId('switch-mode').click();
  await page.getByTestId('email').fill(email);
  await page.getByTestId('password').fill(password);
  await page.getByTestId('submit').click();
  await page.getByText('Diary').first().waitFor();
};

const add = async ({ page }: Profile, password: string) => {
  await page.goto(`${system.url}/settings`);
  await page.getByTestId('add-passkey').click();
  await page.getByTestId('passkey-password').fill(password);
  await page.getByTestId('submit').click();
};

it.skipIf(!hasBrowser)('one touch signs in and opens everything, until the passkey is removed', async () => {
  const ana = await register(system.url, 'Ana');
  const room = await ana.createRoom('Diary');
  await ana.room(room).send('opened by a touch');
  await untilText(ana, room, 'opened by a touch');

  const browser = await openWithAuthenticator({ hasPrf: true });
  const { page, complaints } = browser;
  await signIn(browser, ana.account);
  await add(browser, 'not my password');
  await page.getByText('This is not your password.').waitFor();
  await page.getByTestId('passkey-password').fill(ana.account.password);
  await page.getByTestId('submit').click();
  const list = page.getByTestId('passkeys');
  await list.getByText('Chrome on Linux').waitFor();

  const signOut = async () => {
    await page.goto(system.url);
    await page.getByText(ana.account.email).click();
    await page.getByText('Sign out').click();
    await page.getByTestId('confirm').click();
    await page.getByTestId('by-passkey').waitFor();
  };
  await signOut();
  expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBeLessThan(2);
  await page.getByTestId('by-passkey').click();
  await page.getByText('Diary').first().click();
  await page.getByText('opened by a touch').first().waitFor();

  await page.goto(`${system.url}/settings`);
  await page.getByTestId('remove-passkey').click();
  await page.getByTestId('confirm').click();
  await list.getByText('You have no passkey yet.').waitFor();
  await signOut();
  await page.getByTestId('by-passkey').click();
  await page.getByText('This passkey opens no account here.').waitFor();
  expect(complaints.filter((each) => !each.includes('Failed to load resource'))).toEqual([]);
  await ana.close();
});

it.skipIf(!hasBrowser)('where a passkey can’t lock up keys, that is said, and nothing is kept', async () => {
  const ana = await register(system.url, 'Ana');
  await ana.createRoom('Diary');
  const browser = await openWithAuthenticator({ hasPrf: false });
  await signIn(browser, ana.account);
  await add(browser, ana.account.password);
  await browser.page.getByText('This passkey can’t lock up keys').waitFor();
  expect(await ana.passkeys()).toEqual([]);
  await ana.close();
});
