// Every kind of film, sound and picture that people have, from one browser to another: it plays or is drawn, or it says why not.
import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser } from './browser.ts';
import { freshSystem, type TestSystem } from './system.ts';
import { benWatches, cardOf, fixture, play, playToEnd, type Watching } from './watching.ts';

/** A white picture that is small only as a file. */
function blankPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  // One bit a pixel, grey.
  header[8] = 1;
  const rows = Buffer.alloc(height * (1 + Math.ceil(width / 8)));
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...parts]);
}

describe.skipIf(!hasBrowser)('films, sounds and pictures', () => {
  let system: TestSystem;
  let room: Watching;
  beforeAll(async () => {
    system = await freshSystem();
    room = await benWatches({ ana: system.url, ben: system.url });
  }, 600_000);
  afterAll(async () => {
    await room?.close();
    await system?.remove();
  });
  const bens = (name: string) => cardOf(room.ben.page, name);

  it.each([
    // name, seconds, width, height, pictures
    ['subtitled.mp4', 3, 160, 90, 75],
    ['fragmented.mp4', 3, 160, 90, 75],
    // Filmed upright, with a picture now and then at first.
    ['phone.mov', 3, 90, 160, 60],
    ['film.mkv', 3, 160, 90, 75],
    ['mp3.mkv', 3, 160, 90, 75],
    ['recording.webm', 3, 160, 90, 75],
    ['av1.webm', 3, 160, 90, 75],
    // There is nothing to hear in its first half.
    ['late-sound.mp4', 6, 160, 90, 150],
    // Cut by its index alone, as telephones cut: it can only be played as it is.
    ['trimmed.mp4', 2.8, 160, 90, 70],
  ])('%s plays to its end', async (name, seconds, width, height, pictures) => {
    await room.send(name);
    const seen = await playToEnd(await play(bens(name)));
    expect(seen.from).toBeLessThan(0.5);
    expect(seen.duration).toBeCloseTo(seconds, 0);
    expect(seen.size).toEqual([width, height]);
    // A machine that is busy leaves some out.
    expect(seen.frames).toBeGreaterThan(pictures / 2);
  });

  it('a picture that stands still for longer than is fetched ahead lets its sound go on', async () => {
    await room.send('still.mp4');
    const video = await play(bens('still.mp4'));
    await video.evaluate(async (element: HTMLVideoElement) => {
      element.playbackRate = 4;
      await element.play();
      while (element.currentTime < 12)
        await new Promise((next) => element.addEventListener('timeupdate', next, { once: true }));
      element.pause();
    });
  });

  it.each(['tone.mp3', 'tone.m4a', 'tone.flac', 'tone.ogg', 'tone.opus', 'tone.wav'])(
    '%s plays to its end, and shows how loud it is',
    async (name) => {
      await room.send(name);
      const { duration } = await playToEnd(await play(bens(name)));
      expect(duration).toBeCloseTo(3, 0);
      // A quiet second, a loud one, and one between.
      const shape = bens(name).getByTestId('waveform');
      await shape.waitFor();
      const bars = await shape
        .locator('div')
        .evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().height));
      const third = (from: number) => bars[Math.floor((bars.length * (from + 0.5)) / 3)]!;
      expect(third(1)).toBeGreaterThan(third(2) * 1.2);
      expect(third(2)).toBeGreaterThan(third(0) * 1.2);
    },
  );

  it('a sound plays at once, however long it takes to draw how loud it is', async () => {
    const { page } = room.ben;
    await page.evaluate(() => {
      const { decodeAudioData } = OfflineAudioContext.prototype;
      const decodes = new Promise<void>((decode) => Object.assign(globalThis, { decode }));
      OfflineAudioContext.prototype.decodeAudioData = async function (bytes) {
        await decodes;
        return decodeAudioData.call(this, bytes);
      };
    });
    await room.send('slow.mp3', new Uint8Array(readFileSync(fixture('tone.mp3'))));
    await playToEnd(await play(bens('slow.mp3')));
    expect(await bens('slow.mp3').getByTestId('waveform').count()).toBe(0);
    await page.evaluate(() => (globalThis as unknown as { decode: () => void }).decode());
    await bens('slow.mp3').getByTestId('waveform').waitFor();
  });

  it.each([
    'hevc.mp4',
    // As telephones film: QuickTime, upright.
    'phone-hevc.mov',
  ])('%s: a codec that this browser does not have is named, and the file is offered', async (name) => {
    await room.send(name);
    const card = bens(name);
    await card.getByTestId('play').click();
    await card.getByText('can’t play HEVC (H.265)').waitFor();
    const downloading = room.ben.page.waitForEvent('download');
    await card.getByTestId('player-save').click();
    expect(readFileSync(await (await downloading).path()).length).toBeGreaterThan(10_000);
  });

  it.each([
    ['nothing.mp4', Buffer.alloc(0), 'It is empty: there is nothing in it to play'],
    [
      'no index.mp4',
      readFileSync(fixture('camera.mp4')).subarray(0, 200_000),
      'the part that says where its pictures and sounds lie is missing',
    ],
    ['noise.webm', Buffer.alloc(50_000, 7), 'Save it to open it elsewhere'],
  ])('%s can’t be played, says so, and comes back byte for byte', async (name, buffer, why) => {
    await room.send(name, new Uint8Array(buffer));
    const card = bens(name);
    await card.getByText(why).waitFor();
    const downloading = room.ben.page.waitForEvent('download');
    await card.getByTestId('save').click();
    expect(readFileSync(await (await downloading).path()).equals(buffer)).toBe(true);
  });

  it.each([
    // Their index says, or their last cluster does, that there is more.
    ['cut off.mp4', readFileSync(fixture('subtitled.mp4')).subarray(0, 30_000)],
    ['cut off.webm', readFileSync(fixture('recording.webm')).subarray(0, 30_000)],
  ])('%s plays up to where it was cut, says so, and comes back byte for byte', async (name, buffer) => {
    await room.send(name, new Uint8Array(buffer));
    const card = bens(name);
    await card.getByText('Its end is missing').waitFor();
    const { duration } = await playToEnd(await play(card));
    expect(duration).toBeGreaterThan(2);
    expect(duration).toBeLessThan(2.9);
    await card.getByRole('button', { name: `Save ${name}` }).click();
    const downloading = room.ben.page.waitForEvent('download');
    await room.ben.page.getByRole('menuitem', { name: 'The original file' }).click();
    expect(readFileSync(await (await downloading).path()).equals(buffer)).toBe(true);
  });

  it('a picture that is cut short, empty, none, too large or of a kind unknown here says so, and comes back byte for byte', async () => {
    const { page } = room.ben;
    const drawn = await page.evaluate(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 200 });
      const context = canvas.getContext('2d')!;
      for (let i = 0; i < 300; i++) {
        context.fillStyle = `hsl(${i * 7} 80% 50%)`;
        context.fillRect((i * 37) % 300, (i * 53) % 200, 40, 30);
      }
      return canvas.toDataURL('image/jpeg').split(',')[1]!;
    });
    const photo = Buffer.from(drawn, 'base64');
    const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), Buffer.alloc(5000, 7)]);
    const cases: [name: string, bytes: Buffer, why: string][] = [
      ['torn.jpg', photo.subarray(0, photo.length >> 1), 'Part of this picture is missing'],
      ['stub.jpg', photo.subarray(0, 60), 'Almost all of this picture is missing'],
      ['empty.jpg', Buffer.alloc(0), 'there is no picture in it'],
      ['words.jpg', Buffer.from('These are words.\n'.repeat(99)), 'not what its name says'],
      ['huge.png', blankPng(20_000, 20_000), '20,000 × 20,000 pixels'],
      ['phone.heic', heic, 'This browser can’t show HEIC. Save it'],
      ['renamed.jpg', heic, 'This browser can’t show HEIC. Save it'],
    ];
    for (const [name, bytes, why] of cases) {
      await room.send(name, new Uint8Array(bytes));
      const card = bens(name);
      await card.getByTestId('shortcoming').filter({ hasText: why }).waitFor();
      const downloading = page.waitForEvent('download');
      await card.getByTestId('save').click();
      expect(readFileSync(await (await downloading).path()).equals(bytes), name).toBe(true);
    }
  });

  it('a film that is sent with its original: one is asked which of the two to save', async () => {
    const { page } = room.ben;
    const saved = async (save: () => Promise<void>) => {
      const [download] = await Promise.all([page.waitForEvent('download'), save()]);
      return readFileSync(await download.path());
    };
    // The second of that name: Ana's stands above it.
    const card = page.getByTestId('file-card').filter({ hasText: 'av1.webm' }).nth(1);
    const choose = async (name: string) => {
      await card.getByRole('button', { name: 'Save av1.webm' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await page.evaluate(() => localStorage.setItem('stream-chat.keep-originals', 'yes'));
    await page.getByTestId('file-input').setInputFiles(fixture('av1.webm'));
    const original = readFileSync(fixture('av1.webm'));
    expect((await saved(() => choose('The original file'))).equals(original)).toBe(true);
    expect(await card.getByTestId('rewritten').count()).toBe(0);
    expect((await saved(() => choose('As it plays (WEBM)'))).equals(original)).toBe(false);
    await card.getByTestId('rewritten').waitFor();
    await page.evaluate(() => localStorage.clear());
  });

  it('a film with three sounds: those that can be heard here are offered, and can be changed while it plays', async () => {
    const card = bens('film.mkv');
    const video = card.locator('video');
    await video.evaluate((element: HTMLVideoElement) => {
      element.currentTime = 0;
    });
    await card.getByRole('button', { name: 'Speed and sound' }).click();
    const choices = room.ben.page.getByRole('menuitemradio');
    // The first, in English, is AC-3.
    expect(await room.ben.page.getByRole('menuitemradio', { name: 'English' }).count()).toBe(0);
    expect(await choices.filter({ hasText: 'German' }).getAttribute('aria-checked')).toBe('true');
    await choices.filter({ hasText: 'French' }).click();
    expect(await choices.filter({ hasText: 'French' }).getAttribute('aria-checked')).toBe('true');
    await room.ben.page.keyboard.press('Escape');
    const { time } = await playToEnd(video);
    expect(time).toBeGreaterThan(2.9);
  });

  it('MP3 in a film is heard, also after a jump', async () => {
    const card = bens('mp3.mkv');
    const video = card.locator('video');
    /** Bytes of sound that the element has decoded since it began; only Chromium tells. */
    const heard = () =>
      video.evaluate(
        (element) =>
          (element as unknown as { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount,
      );
    const before = await heard();
    expect(before).toBeGreaterThan(0);
    await video.evaluate((element: HTMLVideoElement) => {
      element.currentTime = 1.5;
    });
    await playToEnd(video);
    expect(await heard()).toBeGreaterThan(before);
    expect(await card.getByText('No sound').count()).toBe(0);
  });

  it.each(['film.mkv', 'subtitled.mp4'])('%s: its subtitles are shown when they are said', async (name) => {
    const card = bens(name);
    const video = card.locator('video');
    const at = (seconds: number) =>
      video.evaluate((element: HTMLVideoElement, to) => {
        element.pause();
        element.currentTime = to;
      }, seconds);
    const shown = card.getByTestId('captions').locator('p');
    await at(1);
    await card.getByRole('button', { name: 'Subtitles' }).click();
    await room.ben.page.getByRole('menuitemradio', { name: 'German' }).click();
    await shown.filter({ hasText: /^Guten Abend$/ }).waitFor();
    await at(1.8);
    await shown.waitFor({ state: 'detached' });
    await at(2.4);
    await shown.filter({ hasText: /^Bis morgen$/ }).waitFor();
    await room.ben.page.getByRole('menuitemradio', { name: 'English' }).click();
    await shown.filter({ hasText: /^See you tomorrow$/ }).waitFor();
    await room.ben.page.keyboard.press('Escape');
    await card.getByTestId('player').press('c');
    await shown.waitFor({ state: 'detached' });
  });

  it('subtitles that the viewer has are shown too, and what is in them can’t reach the page', async () => {
    const card = bens('fragmented.mp4');
    const hostile = '<img src=x onerror="document.title=1"><b>Hello</b> & goodbye';
    await card.getByTestId('captions-input').setInputFiles({
      name: 'mine.srt',
      mimeType: 'application/x-subrip',
      buffer: Buffer.from(`1\r\n00:00:00,000 --> 00:00:09,000\r\n${hostile}\r\n`),
    });
    const shown = card.getByTestId('captions').locator('p');
    await shown.filter({ hasText: 'Hello & goodbye' }).waitFor();
    expect(await shown.locator('img').count()).toBe(0);
    expect(await shown.locator('b').textContent()).toBe('Hello');
    await card
      .getByTestId('captions-input')
      .setInputFiles({ name: 'none.vtt', mimeType: 'text/vtt', buffer: Buffer.from('nothing') });
    await card.getByText('There are no subtitles in none.vtt').waitFor();
  });

  it('a card that moves while it is pressed, as a message comes, has been pressed all the same', async () => {
    const { page } = room.ben;
    // Whoever has gone up to play something does not follow the end, and then nothing moves.
    const jump = page.getByRole('button', { name: /latest message|new message/ });
    if (await jump.isVisible()) await jump.click();
    await jump.waitFor({ state: 'detached' });
    await room.send('phone.mov');
    const card = bens('phone.mov');
    const button = card.getByTestId('play');
    await button.hover();
    const top = async () => (await button.boundingBox())?.y;
    const before = await top();
    await page.mouse.down();
    await room.say('Look at this');
    await page.getByTestId('message').filter({ hasText: 'Look at this' }).waitFor();
    await expect.poll(top, { timeout: 60_000 }).not.toBe(before);
    // A finger that follows the button: how far a message moves it is not what this is about.
    const { x, y, width, height } = (await button.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.up();
    await card.locator('video').waitFor();
  });

  it('nobody saw an error on the way', () => {
    expect(room.ben.complaints).toEqual([]);
  });
});
