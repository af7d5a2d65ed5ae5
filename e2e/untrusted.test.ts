// Files that mean no good, opened by somebody who wants to read them: they are shown where nothing of the app's is in reach.
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser } from './browser.ts';
import { freshSystem, type TestSystem } from './system.ts';
import { benWatches, cardOf, type Watching } from './watching.ts';

/** What each file tries, wherever its script would run. */
const attack = `try { top.document.title = 'reached' } catch {} fetch('/healthz?reached'); new Image().src = '/healthz?reached'`;

/** A font that every system has, and one that none of ours has: its letters are told by a table of pdf.js alone. */
const helvetica = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
const mincho =
  '<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /90ms-RKSJ-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >> >>] >>';

/** One page that says `words` (a string of PDF), with a script that runs when it is opened, and a form that would send it away. */
function pdf(words: string, font = helvetica): string {
  const draw = `BT /F 24 Tf 20 100 Td ${words} Tj ET 0.9 0.2 0.1 rg 20 20 100 40 re f`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 150] /Contents 4 0 R /Resources << /Font << /F ${font} >> >> >>`,
    `<< /Length ${draw.length} >>\nstream\n${draw}\nendstream`,
    `<< /S /JavaScript /JS (${attack.replaceAll(/[()\\]/g, (sign) => `\\${sign}`)}) >>`,
  ];
  const head = '%PDF-1.7\n';
  const bodies = objects.map((object, i) => `${i + 1} 0 obj\n${object}\nendobj\n`);
  const places = bodies.map((_, i) => head.length + bodies.slice(0, i).join('').length);
  const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const start = head.length + bodies.join('').length;
  const size = objects.length + 1;
  return `${head}${bodies.join('')}xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
}

describe.skipIf(!hasBrowser)('a file that nobody vouches for', () => {
  let system: TestSystem;
  let room: Watching;
  const requests: string[] = [];
  beforeAll(async () => {
    system = await freshSystem();
    room = await benWatches({ ana: system.url, ben: system.url });
    room.ben.page.setDefaultTimeout(60_000);
    room.ben.page.on('request', (request) => requests.push(request.url()));
  }, 600_000);
  afterAll(async () => {
    await room?.close();
    await system?.remove();
  });

  /** Ana sends it, Ben opens it. */
  async function opened(name: string, content: string | Uint8Array<ArrayBuffer>): Promise<Frame> {
    const { page } = room.ben;
    await room.send(name, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    await cardOf(page, name).getByTestId('open').click();
    await page.locator('[data-testid=viewer][data-state=shown]').waitFor();
    return page.frames().find((frame) => frame.url().endsWith('/viewer'))!;
  }
  const close = async () => {
    await room.ben.page.keyboard.press('Escape');
    await room.ben.page.getByTestId('preview').waitFor({ state: 'detached' });
  };

  it('a PDF is drawn and can be read; its script does not run', async () => {
    const frame = await opened('letter.pdf', pdf('(Dear Ben)'));
    await frame.getByText('Dear Ben').waitFor();
    const colours = await frame.locator('section canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    expect(colours).toBeGreaterThan(2);
  });

  it('what does run there is alone: no origin, no network, no storage, no way to the app', async () => {
    const frame = room.ben.page.frames().find((each) => each.url().endsWith('/viewer'))!;
    const reached = await frame.evaluate(async (url) => {
      const tries: Record<string, () => unknown> = {
        fetch: () => fetch('/healthz'),
        elsewhere: () => fetch(url, { mode: 'no-cors' }),
        document: () => parent.document.title,
        navigation: () => {
          top!.location.href = '/healthz?reached';
        },
        storage: () => localStorage.length,
        cookies: () => document.cookie,
        databases: () => indexedDB.databases(),
        window: () => {
          if (!open('/healthz?reached')) throw new Error('refused');
        },
      };
      const found: string[] = [];
      for (const [name, attempt] of Object.entries(tries))
        try {
          await attempt();
          found.push(name);
        } catch {}
      return { found, origin: self.origin };
    }, system.url);
    expect(reached).toEqual({ found: [], origin: 'null' });
    await close();
  });

  it('a PDF in Japanese can be read: the table that its letters need is fetched when it is opened, not before', async () => {
    const tables = () => requests.filter((url) => url.endsWith('.bcmap')).length;
    expect(tables()).toBe(0);
    // In Shift JIS.
    const frame = await opened('tegami.pdf', pdf('<93fa967b8cea>', mincho));
    await frame.getByText('日本語').waitFor();
    expect(tables()).toBeGreaterThan(0);
    await close();
  });

  it('a page is shown as the text that it is', async () => {
    const page = `<script>${attack}</script><img src="/healthz?reached" onerror="${attack}">`;
    const frame = await opened('page.html', page);
    expect(await frame.locator('pre').textContent()).toBe(page);
    expect(await frame.locator('pre *').count()).toBe(0);
    await close();
  });

  it('a drawing is shown as a picture, of which nothing runs', async () => {
    const script = `<script><![CDATA[${attack}]]></script><image href="/healthz?reached" width="9" height="9"/>`;
    const frame = await opened(
      'drawing.svg',
      `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60" onload="${attack}">${script}<rect width="90" height="60"/></svg>`,
    );
    const width = await frame.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth);
    expect(width).toBe(90);
    await close();
  });

  it('a text in an old encoding can be read, and a long one is cut with a word', async () => {
    const frame = await opened(
      'alt.txt',
      Uint8Array.from('Grüße', (sign) => sign.charCodeAt(0)),
    );
    expect(await frame.locator('pre').textContent()).toBe('Grüße');
    await close();
    const long = await opened('long.log', 'a line\n'.repeat(200_000));
    expect((await long.locator('pre').textContent())!.length).toBe(2 ** 20);
    await room.ben.page.getByText('Only the first').waitFor();
    await close();
  });

  it('one that is not what its name says is refused with a sentence, and can be saved', async () => {
    const { page } = room.ben;
    await room.send('broken.pdf', new Uint8Array(5000).fill(7));
    await cardOf(page, 'broken.pdf').getByTestId('open').click();
    await page.getByText('It can’t be shown here').waitFor();
    const downloading = page.waitForEvent('download');
    await page.getByTestId('preview-save').click();
    await downloading;
    await close();
  });

  it('one that has no form to look at is only saved', async () => {
    await room.send('tool.exe', new Uint8Array(5000).fill(7));
    const card = cardOf(room.ben.page, 'tool.exe');
    await card.getByTestId('save').waitFor();
    expect(await card.getByTestId('open').count()).toBe(0);
  });

  it('none of them reached the app, or told anybody', async () => {
    expect(await room.ben.page.title()).not.toContain('reached');
    expect(requests.filter((url) => url.includes('reached'))).toEqual([]);
  });
});
