// Safety numbers as people compare them: two browsers, a camera, and somebody in between.
import type { Page } from 'playwright-core';
import decodeQR from 'qr/decode.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFragment } from '../crypto/room/index.ts';
import { generateKeyPair } from '../crypto/signal/index.ts';
import type { SignedEntry } from '../protocol/roster.ts';
import type { Engine } from '../web/src/engine/index.ts';
import { alterAnswers, hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { joinAfter } from './forge.ts';
import { register, untilText, untilView } from './headless.ts';
import { freshSystem, type TestSystem } from './system.ts';

describe.skipIf(!hasBrowser)('safety numbers', () => {
  let system: TestSystem;
  let carla: Engine;
  let room = '';
  let ana: Profile;
  let ben: Profile;

  beforeAll(async () => {
    system = await freshSystem();
  });
  afterAll(async () => {
    await Promise.all([ana?.close(), ben?.close(), carla?.close()]);
    await system?.remove();
  });

  it('two people come into a room by its link', async () => {
    carla = await register(system.url, 'Carla');
    room = await carla.createRoom('Old friends');
    const link = await carla.room(room).invite();
    [ana, ben] = (await Promise.all(
      ['Ana', 'Ben'].map(async (name) => {
        const profile = await openProfile();
        await profile.page.goto(link);
        const email = `${name.toLowerCase()}@example.org`;
        await signUp(profile.page, { name, email, password: `${name} correct horse` });
        await profile.page.getByTestId('composer').waitFor();
        return profile;
      }),
    )) as [Profile, Profile];
    await untilView(carla, room, ({ members }) => members.length === 3);
  });

  it('both see the same digits, and each code says what the other one accepts', async () => {
    await Promise.all([openNumber(ana.page, 'Ben'), openNumber(ben.page, 'Ana')]);
    const [here, there] = await Promise.all([digits(ana.page), digits(ben.page)]);
    expect(here).toHaveLength(12);
    expect(here.join('')).toMatch(/^\d{60}$/);
    expect(there).toEqual(here);
    const code = await picture(ana.page);
    expect(decodeQR(code)).toMatch(/^[\w-]{99}$/);

    await holdBeforeCamera(ben.page, code);
    await ben.page.getByTestId('scan').click();
    await ben.page.getByText('They match').waitFor();
    // Nothing that a person has to look for: the next step has the focus.
    await ben.page.keyboard.press('Enter');
    await ben.page.getByText('You have verified Ana').waitFor();
    await ben.page.keyboard.press('Escape');
    await mark(ben.page, 'Ana').waitFor();
    expect(await mark(ben.page, 'Carla').count()).toBe(0);
  });

  it('the mark survives a reload, stands beside what they say, and goes from every tab when it is taken back', async () => {
    await ben.page.reload();
    await openMembers(ben.page);
    await mark(ben.page, 'Ana').waitFor();
    await ana.page.keyboard.press('Escape');
    await ana.page.getByTestId('composer').fill('It is me');
    await ana.page.getByTestId('composer').press('Enter');
    const said = ben.page.getByTestId('message').filter({ hasText: 'It is me' });
    await said.getByLabel('Verified').waitFor();

    const tab = await ben.context.newPage();
    await tab.goto(`${system.url}/r/${room}`);
    await openMembers(tab);
    await mark(tab, 'Ana').waitFor();
    await openNumber(ben.page, 'Ana');
    await ben.page.getByTestId('unmark').click();
    await mark(tab, 'Ana').waitFor({ state: 'detached' });
    await ben.page.getByTestId('verify').click();
    await mark(tab, 'Ana').waitFor();
    await tab.close();
    await ben.page.keyboard.press('Escape');
  });

  it('a code that is not for them is said not to match, one of another kind to be none', async () => {
    await openNumber(ana.page, 'Carla');
    await openNumber(ben.page, 'Carla');
    await holdBeforeCamera(ben.page, await picture(ana.page));
    await ben.page.getByTestId('scan').click();
    await ben.page.getByText('They don’t match').waitFor();
    expect(await ben.page.getByTestId('verify').count()).toBe(0);
    await ben.page.keyboard.press('Escape');
    await ana.page.keyboard.press('Escape');
  });

  it('without a camera the digits are what is left, and that is said', async () => {
    await openNumber(ana.page, 'Carla');
    await ana.page.getByTestId('scan').click();
    await ana.page.getByRole('alert').filter({ hasText: 'Compare the digits' }).waitFor();
    expect(await digits(ana.page)).toHaveLength(12);
    await ana.page.keyboard.press('Escape');
  });

  it('somebody else under a verified name: nothing can be sent, and the person is told who, and why', async () => {
    // Dora lets the service bring somebody into her room as Ana.
    const dora = await register(system.url, 'Dora');
    const trap = await dora.createRoom('A trap');
    const link = await dora.room(trap).invite();
    await ben.page.goto(link);
    await ben.page.getByTestId('join').click();
    await ben.page.getByTestId('composer').fill('Hello, Dora');
    await ben.page.getByTestId('composer').press('Enter');
    await untilText(dora, trap, 'Hello, Dora');
    const anaId = carla
      .room(room)
      .view.get()
      .members.find(({ name }) => name === 'Ana')!.id;
    const impostor = generateKeyPair();
    // Something that Ben misses makes him read the member list again.
    await ben.page.goto('about:blank');
    await dora.room(trap).invite();
    await alterAnswers(ben.page, `**/chatrooms/${trap}/members*`, async (answer) => {
      const reply = (await answer.json()) as { roster: SignedEntry[] };
      const ghost = await joinAfter(trap, reply.roster, anaId, impostor, readFragment(link)!);
      return { json: { ...reply, roster: [...reply.roster, ghost] } };
    });
    await ben.page.goto(`${system.url}/r/${trap}`);
    await ben.page.getByTestId('blocked').waitFor();
    await ben.page.getByRole('alert').filter({ hasText: 'is not who you verified' }).waitFor();
    expect(await ben.page.getByTestId('composer').count()).toBe(0);
    await ben.page.getByRole('button', { name: 'Why?' }).click();
    await ben.page.getByTestId('stranger').waitFor();
    expect(await ben.page.getByTestId('verify').count()).toBe(0);
    await ben.page.keyboard.press('Escape');
    // Where Ana is herself, all goes on.
    await ben.page.goto(`${system.url}/r/${room}`);
    await ben.page.getByTestId('composer').fill('Still friends');
    await ben.page.getByTestId('composer').press('Enter');
    await untilText(carla, room, 'Still friends');
    await dora.close();
  });

  it('nothing of this made a page complain', () => {
    expect(ana.complaints).toEqual([]);
    expect(ben.complaints).toEqual([]);
  });
});

async function openMembers(page: Page): Promise<void> {
  const button = page.getByTestId('details');
  if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
  await page.getByTestId('member').first().waitFor();
}

async function openNumber(page: Page, name: string): Promise<void> {
  await openMembers(page);
  await page.getByLabel(`Actions for ${name}`).click();
  await page.getByRole('menuitem', { name: 'Safety number' }).click();
  await page.getByTestId('qr').waitFor();
}

const digits = (page: Page) => page.getByTestId('digits').locator('span[aria-hidden]').allInnerTexts();

const mark = (page: Page, name: string) =>
  page.getByTestId('member').filter({ hasText: name }).getByLabel('Verified');

/** The pixels of the code on the screen, three to a module. */
async function picture(page: Page): Promise<{ width: number; height: number; data: Uint8Array }> {
  const { size, data } = await page.getByTestId('qr').evaluate(async (svg) => {
    const side = (svg as SVGSVGElement).viewBox.baseVal.width * 3;
    const copy = svg.cloneNode(true) as SVGSVGElement;
    copy.setAttribute('width', String(side));
    copy.setAttribute('height', String(side));
    const text = new XMLSerializer().serializeToString(copy);
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
    await image.decode();
    const context = new OffscreenCanvas(side, side).getContext('2d')!;
    context.drawImage(image, 0, 0);
    return { size: side, data: [...context.getImageData(0, 0, side, side).data] };
  });
  return { width: size, height: size, data: Uint8Array.from(data) };
}

/** From now on this is what the page's camera sees: somewhere in a grey picture, as from a hand. */
async function holdBeforeCamera(
  page: Page,
  { width, height, data }: { width: number; height: number; data: Uint8Array },
): Promise<void> {
  await page.evaluate(
    ({ width, height, data }) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [640, 480];
      const context = canvas.getContext('2d')!;
      const code = new OffscreenCanvas(width, height);
      code.getContext('2d')!.putImageData(new ImageData(Uint8ClampedArray.from(data), width, height), 0, 0);
      const draw = () => {
        context.fillStyle = '#777';
        context.fillRect(0, 0, 640, 480);
        context.setTransform(2.2, 0.08, -0.08, 2.2, 140, 60);
        context.drawImage(code, 0, 0);
        context.resetTransform();
        requestAnimationFrame(draw);
      };
      draw();
      navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(30);
    },
    { width, height, data: [...data] },
  );
}
