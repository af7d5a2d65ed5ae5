// Chromium by its own protocol and nothing else: a test driver listens to every request and copies its body, which costs more
// than an upload does.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flags } from '../../e2e/browser.ts';

export interface Tab {
  /** Calls `globalThis[name](...args)` in the page; waits for what it promises. */
  call<T>(name: string, ...args: unknown[]): Promise<T>;
  /** Puts a file of this machine into the page's `<input id>`. */
  pick(id: string, path: string): Promise<void>;
  goto(url: string): Promise<void>;
}

export interface Browser {
  readonly tab: Tab;
  /** Bytes of memory that all its processes have for themselves: proportional set size. */
  memory(): number;
  close(): Promise<void>;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export async function openBrowser(): Promise<Browser> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-bench-'));
  const child = spawn(
    process.env.CHROMIUM!,
    [...flags, '--headless', '--remote-debugging-port=0', `--user-data-dir=${directory}`, 'about:blank'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = new Promise<string>((end) =>
    child.once('close', (code, signal) => end(String(signal ?? code))),
  );
  const port = await new Promise<string>((ready, failed) => {
    child.stderr!.on('data', (text) => {
      const found = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(String(text))?.[1];
      if (found) ready(found);
    });
    void ended.then(() => failed(new Error('Chromium did not start')));
  });
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets.find(({ type }) => type === 'page')!.webSocketDebuggerUrl);
  await new Promise((open) => socket.addEventListener('open', open));
  const tab = drive(socket, ended);
  return {
    tab,
    memory: () => memoryOf(child),
    async close() {
      child.kill();
      await ended;
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** `ended`: with what the browser ended. Nothing is waited for that a browser or a page which is gone can't answer any more. */
function drive(socket: WebSocket, ended: Promise<string>): Tab {
  const waiting = new Map<number, (answer: Answer) => void>();
  const events = new Map<string, () => void>();
  let last = 0;
  const gone = new Promise<never>((_, lost) => {
    void ended.then((how) => lost(new Error(`Chromium ended by itself (${how})`)));
    socket.addEventListener('close', () => lost(new Error('Chromium has closed the page')));
    events.set('Inspector.targetCrashed', () => lost(new Error('the page in Chromium has crashed')));
  });
  // Heard by whoever waits for an answer; at the end, which is asked for, by nobody.
  gone.catch(() => undefined);
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
    else if (answer.method) events.get(answer.method)?.();
  });
  const ask = async <T>(method: string, params: object = {}): Promise<T> => {
    const id = ++last;
    const answer = new Promise<Answer>((done) => waiting.set(id, done));
    socket.send(JSON.stringify({ id, method, params }));
    const { error, result } = await Promise.race([answer, gone]);
    waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  };
  return {
    async goto(url) {
      await ask('Page.enable');
      await ask('Inspector.enable');
      const loaded = new Promise<void>((done) => events.set('Page.loadEventFired', done));
      await ask('Page.navigate', { url });
      await Promise.race([loaded, gone]);
    },
    async call(name, ...args) {
      const expression = `globalThis.${name}(...${JSON.stringify(args)})`;
      const { result, exceptionDetails } = await ask<{
        result: { value: never };
        exceptionDetails?: { exception?: { description?: string }; text: string };
      }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    async pick(id, path) {
      const { result } = await ask<{ result: { objectId: string } }>('Runtime.evaluate', {
        expression: `document.getElementById(${JSON.stringify(id)})`,
      });
      await ask('DOM.setFileInputFiles', { files: [path], objectId: result.objectId });
    },
  };
}

function memoryOf(child: ChildProcess): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc'))
    if (/^\d+$/.test(name)) {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      } catch {
        // It has just ended.
      }
    }
  const ours = (pid: number): boolean => pid === child.pid || (parents.has(pid) && ours(parents.get(pid)!));
  let sum = 0;
  for (const pid of parents.keys()) {
    if (!ours(pid)) continue;
    try {
      sum +=
        Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
    } catch {
      // It has just ended.
    }
  }
  return sum;
}
