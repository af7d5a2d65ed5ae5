// A film that is watched in one browser while another still sends it, and one that is watched to its end over a line that just suffices.
import { setTimeout as pause } from 'node:timers/promises';
import { recordsInObject, sealedRecordSize } from '../../protocol/records.ts';
import { compare, median, type Row } from '../harness.ts';
import { openBrowser } from './chromium.ts';
import { openShapedLine } from './line.ts';
import type { MediaServer } from './server.ts';

type Say = (line: string) => void;

/** Times real time that the long play runs at, so that ten minutes take three. */
const speed = 4;

export interface LiveOptions {
  /** A film of `seconds` at `bytesPerSecond`, index first. */
  readonly film: string;
  readonly seconds: number;
  readonly bytesPerSecond: number;
  readonly rounds: number;
}

/** From picking a film to its first picture in the other browser, and how far playing lags behind the sending. */
export async function watchingLive(server: MediaServer, options: LiveOptions, say: Say): Promise<Row[]> {
  const { film, rounds } = options;
  const [up, down] = [await openShapedLine(server.port, 20, 40), await openShapedLine(server.port, 20, 40)];
  const [sender, viewer] = [await openBrowser(), await openBrowser()];
  try {
    const firsts: number[] = [];
    // The first loads and compiles what the others find ready.
    for (let round = -1; round < rounds; round++) {
      await sender.tab.goto(`http://127.0.0.1:${up.port}/`);
      await viewer.tab.goto(`http://127.0.0.1:${down.port}/`);
      await sender.tab.pick('file', film);
      const name = `round${round}`;
      const seen = viewer.tab.call<number>('watchLive', name);
      const began = await sender.tab.call<number>('sendLive', name);
      const took = (await seen) - began;
      await sender.tab.call('stopLive');
      if (round < 0) continue;
      firsts.push(took);
      say(`round ${round + 1} of ${rounds}: first picture elsewhere after ${Math.round(took)} ms`);
    }
    const first = 'picked to first picture in the other browser, 20 Mbit/s, 40 ms, ms; anchor: the limit';
    return [compare(first, median(firsts), 1000, { atMost: 1 })];
  } finally {
    await Promise.all([sender.close(), viewer.close()]);
    up.close();
    down.close();
  }
}

/** The upload goes hardly faster than the film plays, so that the viewer is at its edge from beginning to end. */
export async function lagging(server: MediaServer, options: LiveOptions, say: Say): Promise<Row[]> {
  const { film, bytesPerSecond } = options;
  const megabits = (bytesPerSecond * 8 * 1.1) / 1e6;
  const up = await openShapedLine(server.port, megabits, 40);
  const [sender, viewer] = [await openBrowser(), await openBrowser()];
  try {
    say('one film sent hardly faster than it plays');
    await sender.tab.goto(`http://127.0.0.1:${up.port}/`);
    await viewer.tab.goto(`http://127.0.0.1:${server.port}/`);
    await sender.tab.pick('file', film);
    const watching = viewer.tab.call<number>('watchLive', 'lag');
    await sender.tab.call<number>('sendLive', 'lag');
    await watching;
    let worst = 0;
    for (let ended = false; !ended; ) {
      await pause(250);
      const received = server.live.received('lag');
      const [place, over] = await viewer.tab.call<[number, boolean]>('placeOfLive');
      ended = over;
      // Once all has come, the film plays out.
      if (received / bytesPerSecond > options.seconds - 1) break;
      worst = Math.max(worst, (received - sizeOfObjectAt(received)) / bytesPerSecond - place);
    }
    const metric =
      'behind a running upload: playing lags the last byte received by one object and, s; anchor: the limit';
    return [compare(metric, worst, 1, { atMost: 1 })];
  } finally {
    await Promise.all([sender.close(), viewer.close()]);
    up.close();
  }
}

/** Bytes of the object that byte `at` of all that is stored lies in. */
function sizeOfObjectAt(at: number): number {
  let index = 0;
  for (let end = recordsInObject(0) * sealedRecordSize; end < at; )
    end += recordsInObject(++index) * sealedRecordSize;
  return recordsInObject(index) * sealedRecordSize;
}

/** How often a film of ten minutes stops for data, over a line of 1.5 times its bitrate: both at `speed` times real time. */
export async function rebuffering(
  server: MediaServer,
  name: string,
  bytesPerSecond: number,
  say: Say,
): Promise<Row[]> {
  const line = await openShapedLine(server.port, (bytesPerSecond * 8 * 1.5 * speed) / 1e6, 40);
  const browser = await openBrowser();
  try {
    say(`ten minutes at ${speed} times their speed`);
    await browser.tab.goto(`http://127.0.0.1:${line.port}/`);
    const [waits, waited] = await browser.tab.call<[number, number]>('playThrough', `/${name}`, speed);
    say(`waited ${waits} times, ${Math.round(waited)} ms`);
    const metric = `stops for data in ten minutes at 1.5 × the bitrate, played at ${speed} ×; anchor: one`;
    return [compare(metric, waits, 1, { atMost: 0 })];
  } finally {
    await browser.close();
    line.close();
  }
}
