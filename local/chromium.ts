// The browser of the browser tests.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Refusal } from './refusal.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const places = [
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/** How to get one, in one line. */
export const howToGetChromium =
  'No Chromium was found, so the browser tests are skipped: install one (on Debian: apt-get install chromium) or set CHROMIUM to its path.';

/**
 * The path of CHROMIUM (environment) or of a Chromium or Chrome at the usual places; undefined where there is none.
 *
 * @throws Refusal when CHROMIUM names nothing that can be run.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.CHROMIUM) {
    if (!canRun(env.CHROMIUM)) throw new Refusal(`CHROMIUM is ${env.CHROMIUM}, which can't be run.`);
    return env.CHROMIUM;
  }
  const inPath = (env.PATH ?? '').split(delimiter).flatMap((place) => names.map((name) => join(place, name)));
  return [...inPath, ...places].find(canRun);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
