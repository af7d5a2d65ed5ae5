// The browser of the browser tests.
import { canRun, pathsOf } from './program.ts';
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
  return [...pathsOf(names, env), ...places].find(canRun);
}
