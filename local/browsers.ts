// The browsers of the browser tests.
import { canRun, pathsOf } from './program.ts';
import { Refusal } from './refusal.ts';

interface Known {
  /** The variable that names its path. */
  readonly variable: 'CHROMIUM' | 'FIREFOX';
  readonly names: readonly string[];
  readonly places: readonly string[];
}

const chromium: Known = {
  variable: 'CHROMIUM',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  places: [
    '/snap/bin/chromium',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
};
const firefox: Known = {
  variable: 'FIREFOX',
  names: ['firefox-esr', 'firefox'],
  places: [
    '/snap/bin/firefox',
    '/Applications/Firefox.app/Contents/MacOS/firefox',
    'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
  ],
};

/** How to get one, in one line. */
export const howToGetChromium =
  'No Chromium was found, so the browser tests are skipped: install one (on Debian: apt-get install chromium) or set CHROMIUM to its path.';
export const howToGetFirefox =
  'No Firefox was found, so what is tried in it is skipped: install one (on Debian: apt-get install firefox-esr) or set FIREFOX to its path.';

/**
 * The path of CHROMIUM (environment) or of a Chromium or Chrome at the usual places; undefined where there is none.
 *
 * @throws Refusal when CHROMIUM names nothing that can be run.
 */
export const findChromium = (env: NodeJS.ProcessEnv = process.env) => find(chromium, env);

/** The same for FIREFOX, and Firefox. */
export const findFirefox = (env: NodeJS.ProcessEnv = process.env) => find(firefox, env);

function find({ variable, names, places }: Known, env: NodeJS.ProcessEnv): string | undefined {
  const named = env[variable];
  if (!named) return [...pathsOf(names, env), ...places].find(canRun);
  if (!canRun(named)) throw new Refusal(`${variable} is ${named}, which can't be run.`);
  return named;
}
