// What people do in an open room by its screen.
import type { Locator, Page } from 'playwright-core';

/** The last message with these words. */
export const message = (page: Page, words: string): Locator =>
  page.getByTestId('message').filter({ hasText: words }).last();

/** Sends a message by the button: a touch screen's Enter makes a line. */
export async function say(page: Page, words: string): Promise<void> {
  await page.getByTestId('composer').fill(words);
  await page.getByTestId('send').click();
}

/** Chooses from a message's menu what is called exactly so. */
export async function act(target: Locator, action: string): Promise<void> {
  await target.hover();
  await target.getByRole('button', { name: 'Actions', exact: true }).click();
  await target.page().getByRole('menuitem', { name: action, exact: true }).click();
}
