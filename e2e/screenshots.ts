// `npm run screenshots`: twelve screens on a phone and a desktop, light and dark, into .local/screenshots. To be looked at.
// `-- --rtl`: mirrored; `-- --contrast`: in forced colours; `-- --language=de`: in another language.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, howToGetChromium } from '../local/browsers.ts';
import { compileMessages } from '../local/messages.ts';
import { command, Refusal } from '../local/refusal.ts';
import { root } from '../local/worker-process.ts';

const directory = join(root, '.local/screenshots');
const [rtl, contrast] = [process.argv.includes('--rtl'), process.argv.includes('--contrast')];
const language = process.argv.find((each) => each.startsWith('--language='))?.split('=')[1];

await command(async () => {
  const chromium = findChromium();
  if (chromium === undefined) throw new Refusal(howToGetChromium);
  process.env.CHROMIUM = chromium;
  // The engine has its words from there.
  await compileMessages();
  const { openProfile, signUp } = await import('./browser.ts');
  const { register, untilText } = await import('./headless.ts');
  const { freshSystem } = await import('./system.ts');
  mkdirSync(directory, { recursive: true });
  const system = await freshSystem();
  const carla = await register(system.url, 'Carla');
  const film = await carla.createRoom('Friday film');
  const invitation = await carla.room(film).invite();
  const closing: (() => Promise<void>)[] = [];
  try {
    for (const [device, size] of [
      ['desktop', { width: 1440, height: 900 }],
      ['phone', { width: 390, height: 844, touch: true }],
    ] as const) {
      const { page, close } = await openProfile(size);
      closing.push(close);
      const take = async (name: string) => {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({
            colorScheme,
            forcedColors: contrast ? 'active' : 'none',
            reducedMotion: 'reduce',
          });
          await page.waitForLoadState('networkidle');
          await page.screenshot({ path: join(directory, `${name}-${device}-${colorScheme}.png`) });
        }
      };
      await page.goto(system.url);
      if (rtl) await page.evaluate(() => localStorage.setItem('stream-chat.direction', 'rtl'));
      if (language) await page.evaluate((it) => localStorage.setItem('stream-chat.language', it), language);
      await page.goto(invitation);
      await page.getByTestId('name').waitFor();
      await take('03-invited');
      await page.goto(system.url);
      await page.getByTestId('submit').waitFor();
      await take('01-arriving');
      await page.getByTestId('switch-mode').click();
      await take('02-signing-in');
      await page.getByTestId('switch-mode').click();
      await signUp(page, { name: 'Ana', email: `ana-${device}@example.org`, password: 'Ana correct horse' });
      await page.getByTestId('create-room').waitFor();
      await take('04-no-rooms');
      await page.goto(invitation);
      await page.getByTestId('join').waitFor();
      await take('05-joining');
      await page.getByTestId('join').click();
      await page.getByTestId('composer').waitFor();
      await talk(carla.room(film), (text) => untilText(carla, film, text), device);
      await page.getByTestId('message').getByText(`On the ${device}, then.`).waitFor();
      await page.getByTestId('composer').fill('I bring the popcorn.');
      await page.getByTestId('send').click();
      await page.getByTestId('message').getByText('I bring the popcorn.').waitFor();
      await take('06-room');
      await page.getByTestId('details').click();
      await page.getByTestId('inspect').waitFor();
      await take('07-members');
      await page.getByTestId('inspect').click();
      await page.getByRole('tablist').waitFor();
      await take('08-what-the-server-sees');
      await page.keyboard.press('Escape');
      await page.getByTestId('gallery-open').click();
      await page.getByTestId('gallery').waitFor();
      await take('09-gallery');
      await page.goto(system.url);
      await page.getByTestId('room').first().waitFor();
      await take('10-rooms');
      await page.keyboard.press('Control+k');
      await page.getByTestId('find').fill('popcorn');
      await page.getByTestId('found-message').first().waitFor();
      await take('11-finding');
      await page.goto(`${system.url}/settings`);
      await page.getByTestId('language').waitFor();
      await take('12-settings');
    }
    console.log(`They are in ${directory}.`);
  } finally {
    for (const close of closing) await close();
    await carla.close();
    await system.remove();
  }
});

/** What a room needs to look lived in. */
async function talk(
  room: ReturnType<Awaited<ReturnType<typeof import('./headless.ts').register>>['room']>,
  untilText: (text: string) => Promise<{ timeline: readonly { kind: string; id: string }[] }>,
  device: string,
): Promise<void> {
  await room.send(
    '**Metropolis** at _eight_, who is in? It is two and a half hours, so bring something to eat.',
  );
  await room.send('Here is the programme: https://films.example/friday');
  const view = await untilText('Here is the programme: https://films.example/friday');
  const first = view.timeline.find((item) => item.kind === 'text')!;
  await room.react(first.id, '👍', true);
  await room.send('🎬');
  await room.send(`On the ${device}, then.`, first.id);
  await room.sendFile(new File([new Uint8Array(48_000)], 'programme.bin'));
}
