// How fast the Signal protocol is: ours with WebCrypto, beside ours without it and libsignal itself.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findChromium } from '../local/browsers.ts';
import { root } from '../local/worker-process.ts';
import { type Benchmark, compare, median, type Row, type Target } from './harness.ts';
import { installLibsignal, type Scratch } from './interop/scratch.ts';
import { cryptoSize, openBrowserBench } from './signal-browser.ts';
import type { Rates } from './signal-rates.ts';
import { measureUnread } from './unread-browser.ts';

const rounds = 3;
const libsignalVersion = '0.72.1';
/** What all of crypto/ may weigh in a page, in kB after brotli (issue 3). */
const sizeLimit = 45;
/** So many unread messages are to be read in so many milliseconds (issue 3). */
const unread = { messages: 1000, limit: 700 };

/** What is measured, what it is called, and what we promised against libsignal (issue 3). */
const metrics: readonly { name: keyof Rates; says: string; target?: Target }[] = [
  { name: 'x3dh', says: 'X3DH set-ups with a first message', target: { atLeast: 0.5 } },
  { name: 'pqxdh', says: 'PQXDH set-ups with a first message', target: { atLeast: 0.5 } },
  { name: 'chain', says: 'messages of one chain', target: { atLeast: 1.2 } },
  { name: 'ratchet', says: 'messages with a ratchet step each', target: { atLeast: 0.7 } },
  { name: 'groupEncrypt', says: 'sender-key encryptions' },
  { name: 'groupDecrypt', says: 'sender-key decryptions', target: { atLeast: 0.5 } },
];

export const benchmark: Benchmark = {
  name: 'signal',
  async run(say) {
    const directory = mkdtempSync(join(tmpdir(), 'stream-chat-bench-'));
    try {
      const node = await inNode(say);
      const chromium = await inChromium(directory, say);
      const [judge, noble] = [`anchor: libsignal ${libsignalVersion}`, 'anchor: JavaScript only'];
      return [
        ...rows(`Node, /CPU s; ${judge}`, node.ours, node.libsignal, true),
        ...rows(`Chromium, /CPU s; ${judge} (native, Node)`, chromium.ours, node.libsignal, true),
        ...rows(`Node, /CPU s; ${noble}`, node.ours, node.noble, false),
        ...rows(`Chromium, /CPU s; ${noble}`, chromium.ours, chromium.noble, false),
        ...(chromium.unread ? [unreadRow(chromium.unread)] : []),
        await size(directory),
      ];
    } finally {
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

async function inNode(say: (line: string) => void) {
  let scratch: Scratch | undefined;
  try {
    scratch = await installLibsignal(libsignalVersion);
  } catch (error) {
    say(`No libsignal here, so nothing is compared with it: ${String(error)}`);
  }
  try {
    const [ours, noble, libsignal]: [Rates[], Rates[], Rates[]] = [[], [], []];
    for (let round = 1; round <= rounds; round++) {
      say(`Node, round ${round} of ${rounds}`);
      ours.push(await inProcess('ours'));
      noble.push(await inProcess('noble'));
      if (scratch) libsignal.push(await inProcess('libsignal', scratch.directory));
    }
    return { ours, noble, libsignal };
  } finally {
    scratch?.remove();
  }
}

async function inProcess(...args: string[]): Promise<Rates> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(root, 'bench/signal-process.ts'),
    ...args,
  ]);
  return JSON.parse(stdout) as Rates;
}

async function inChromium(directory: string, say: (line: string) => void) {
  const [ours, noble]: [Rates[], Rates[]] = [[], []];
  const chromium = findChromium();
  if (chromium === undefined) {
    say('No Chromium here, so nothing is measured in it.');
    return { ours, noble, unread: undefined };
  }
  process.env.CHROMIUM = chromium;
  const bench = await openBrowserBench(directory);
  try {
    for (let round = 1; round <= rounds; round++) {
      say(`Chromium, round ${round} of ${rounds}`);
      ours.push(await bench.run({ webCrypto: true }));
      noble.push(await bench.run({ webCrypto: false }));
    }
    say('Chromium, unread messages');
    return { ours, noble, unread: median(await measureUnread(directory, unread.messages, rounds, say)) };
  } finally {
    await bench.close();
  }
}

/** One row a metric, or none where one side could not be measured. */
function rows(where: string, ours: readonly Rates[], anchor: readonly Rates[], judged: boolean): Row[] {
  if (ours.length === 0 || anchor.length === 0) return [];
  return metrics.map(({ name, says, target }) => {
    const middle = (rates: readonly Rates[]) => median(rates.map((each) => each[name]));
    return compare(`${says}, ${where}`, middle(ours), middle(anchor), judged ? target : undefined);
  });
}

const unreadRow = (took: number): Row =>
  compare(
    `${unread.messages} unread room messages decrypted and stored in Chromium, ms; anchor: the limit`,
    took,
    unread.limit,
    { atMost: 1 },
  );

const size = async (directory: string): Promise<Row> =>
  compare('all of crypto/, kB after brotli; anchor: the limit', await cryptoSize(directory), sizeLimit, {
    atMost: 1,
  });
