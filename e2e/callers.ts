// People of one room in a call: each in a profile of their own, all in one Chromium, with cameras that are small and slow.
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { ClientFrame, ServerFrame } from '../protocol/socket.ts';
import { cameraFlags, flags, signUp } from './browser.ts';

export interface Caller {
  readonly name: string;
  readonly page: Page;
  readonly context: BrowserContext;
  readonly wire: Wire;
}

/** A page's sockets, with somebody in between. */
export interface Wire {
  /** What the page gets in place of a frame. */
  toPage: (frame: ServerFrame) => readonly ServerFrame[];
  /** What the service gets in place of a frame. */
  toServer: (frame: ClientFrame) => readonly ClientFrame[];
  /** Whether a socket that the service closes stays open for the page, with nobody behind it. */
  kept: boolean;
  /** Says something to the page in the service's name. */
  say(frame: ServerFrame): void;
  /** Cuts the sockets, and lets none through until `mend`. */
  cut(): Promise<void>;
  mend(): void;
}

export interface Callers {
  /** In the order of their names. */
  readonly all: readonly Caller[];
  close(): Promise<void>;
}

/** A wire that tells the truth so far, for what `page` opens from now on. */
export async function openWire(page: Page): Promise<Wire> {
  type Socket = { close(): Promise<void>; send(text: string): void };
  const sockets = new Set<Socket>();
  let isCut = false;
  const wire: Wire = {
    toPage: (frame) => [frame],
    toServer: (frame) => [frame],
    kept: false,
    say(frame) {
      for (const socket of sockets) socket.send(JSON.stringify(frame));
    },
    async cut() {
      isCut = true;
      await Promise.all([...sockets].map((socket) => socket.close()));
    },
    mend() {
      isCut = false;
    },
  };
  await page.routeWebSocket(/\/chatrooms\/.*\/socket/, async (socket) => {
    if (isCut) return socket.close();
    sockets.add(socket);
    const server = socket.connectToServer();
    socket.onMessage((data) => {
      const text = String(data);
      if (!text.startsWith('{')) return server.send(text);
      for (const frame of wire.toServer(JSON.parse(text))) server.send(JSON.stringify(frame));
    });
    server.onMessage((data) => {
      const text = String(data);
      if (!text.startsWith('{')) return socket.send(text);
      for (const frame of wire.toPage(JSON.parse(text))) socket.send(JSON.stringify(frame));
    });
    socket.onClose(() => {
      sockets.delete(socket);
      void server.close();
    });
    server.onClose(() => {
      if (!wire.kept) void socket.close();
    });
  });
  return wire;
}

/** Whoever opens a camera gets a picture that two cores can encode for many: 160 × 90 pixels. */
function smallCamera(frameRate: number): void {
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = (wanted = {}) =>
    open(wanted.video ? { ...wanted, video: { width: 160, height: 90, frameRate } } : wanted);
}

/** Remembers the worker that encrypts frames, for `frameCounts`. */
function rememberWorker(): void {
  const Native = Worker;
  globalThis.Worker = class extends Native {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      if (options?.name === 'frames') Object.assign(globalThis, { framesWorker: this });
    }
  };
}

/**
 * Opens a browser, and in it people by `names`: the first makes a room, the others join by its link. `prepare` is called for each
 * page before it goes anywhere. `bypassCSP`: for what operators would name in the policy.
 */
export async function openCallers(
  url: string,
  names: readonly string[],
  prepare: (page: Page, name: string) => Promise<unknown> = async () => {},
  { bypassCSP = false, framesPerSecond = 5 } = {},
): Promise<Callers> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM!,
    headless: true,
    args: [...flags, ...cameraFlags(Math.max(10, framesPerSecond))],
  });
  const all: Caller[] = [];
  let link = '';
  for (const name of names) {
    const context = await browser.newContext({
      bypassCSP,
      serviceWorkers: 'block',
      viewport: { width: 1280, height: 800 },
    });
    const page = await context.newPage();
    page.setDefaultTimeout(90_000);
    await page.addInitScript(smallCamera, framesPerSecond);
    await page.addInitScript(rememberWorker);
    const wire = await openWire(page);
    await prepare(page, name);
    await page.goto(link || url);
    await signUp(page, {
      name,
      email: `${name.toLowerCase()}@example.org`,
      password: `correct horse battery ${name}`,
    });
    if (!link) {
      await page.getByTestId('create-room').first().click();
      await page.getByTestId('room-name').fill('Sunday call');
      await page.getByTestId('room-name').press('Enter');
      await page.getByTestId('composer').waitFor();
      await page.getByTestId('invite').first().click();
      link = await page.getByTestId('invite-link').inputValue();
      await page.keyboard.press('Escape');
    }
    await page.getByTestId('composer').waitFor();
    all.push({ name, page, context, wire });
  }
  return { all, close: () => browser.close() };
}

/** Begins the call that the others then join; all with their cameras on. */
export async function meet(...pages: readonly Page[]): Promise<void> {
  for (const [n, page] of pages.entries()) {
    if (n === 0) await page.getByTestId('video-call').click();
    else await page.getByRole('button', { name: 'Join with video' }).click();
    await page.getByTestId('call-stage').waitFor();
  }
}

/** All leave, and the room has no call any more. */
export async function part(...pages: readonly Page[]): Promise<void> {
  for (const page of pages) await page.getByTestId('call-leave').click();
  for (const page of pages) await page.getByTestId('video-call').waitFor();
}

/** So many others are connected, their frames open by their keys, and ours are sealed under one that they have. */
export const others = (page: Page, count: number) =>
  page.waitForFunction((wanted) => {
    const tiles = document.querySelectorAll('[data-testid="call-tile"][data-secure]');
    const good = document.querySelectorAll(
      '[data-testid="call-tile"][data-secure="true"][data-state="connected"]',
    );
    return tiles.length === wanted && good.length === wanted;
  }, count);

/** Each picture of the others moves, and there is at least one: it changes twice, as the first time may be its coming. */
export const moves = (page: Page) =>
  page.waitForFunction(
    (seen) => {
      const videos = [...document.querySelectorAll<HTMLVideoElement>('[data-secure] video:not(.hidden)')];
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [32, 24];
      const context = canvas.getContext('2d', { willReadFrequently: true })!;
      seen.of ??= new Map();
      for (const video of videos) {
        context.drawImage(video, 0, 0, 32, 24);
        const pixels = context.getImageData(0, 0, 32, 24).data.join();
        const before = seen.of.get(video) ?? { pixels, changes: 0 };
        const changes = before.changes + (before.pixels === pixels ? 0 : 1);
        seen.of.set(video, { pixels, changes });
      }
      return videos.length > 0 && videos.every((video) => seen.of!.get(video)!.changes > 1);
    },
    {} as { of?: Map<HTMLVideoElement, { pixels: string; changes: number }> },
  );

/** The others' sound comes: an analyser hears the beep of Chromium's microphone. */
export const sounds = (page: Page) =>
  page.evaluate(async () => {
    const streams = [...document.querySelectorAll('audio')].map(({ srcObject }) => srcObject as MediaStream);
    const context = new AudioContext();
    await context.resume();
    for (const stream of streams) {
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      const loud = () => {
        analyser.getFloatTimeDomainData(samples);
        return samples.some((sample) => Math.abs(sample) > 0.01);
      };
      while (!loud()) await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    await context.close();
    if (streams.length === 0) throw new Error('nothing is heard');
  });

/** Frames that the page's encryption has let pass, that it has stopped, and that had come before, in all directions. */
export const frameCounts = (page: Page): Promise<{ passed: number; stopped: number; copies: number }> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const { framesWorker } = globalThis as unknown as { framesWorker: Worker };
        framesWorker.addEventListener('message', function take({ data }) {
          if (data.ask !== -1) return;
          framesWorker.removeEventListener('message', take);
          const total = { passed: 0, stopped: 0, copies: 0 };
          for (const { passed, stopped, copies } of data.answer.values()) {
            total.passed += passed;
            total.stopped += stopped;
            total.copies += copies;
          }
          resolve(total);
        });
        framesWorker.postMessage({ t: 'count', ask: -1 });
      }),
  );
