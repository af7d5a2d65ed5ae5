// The load: many sockets of one room in a Node process of its own, told what to do by `crowd.ts`. It reads frames as
// bytes, finds messages by a mark inside their ciphertext, and parses nothing else: what is measured is the server.
import { connect, type Socket } from 'node:net';
import type { CrowdCommand, CrowdReply, Dialect, Paced, Saturated } from './crowd.ts';
import { dialects, textFrame } from './dialects.ts';
import { mark, marked, numberDigits } from './message.ts';

/** What a read may leave for the next: a mark that is cut through. */
const carried = mark.length + numberDigits - 1;
const markBytes = Buffer.from(mark);
/** All sockets read into one buffer, whose start takes what the last read of the same socket left. */
const shared = Buffer.allocUnsafe(carried + 256 * 1024);
/** As many messages may be under way. */
const ring = 1 << 17;
const digit0 = 48;

interface Seat {
  readonly socket: Socket;
  readonly rest: Buffer;
  left: number;
  /** The end of what came, in which a question of the room's may have begun. */
  tail: Buffer;
  /** Resolves when `greeting` comes in; reading is by text until then. */
  greeting: { readonly text: string; seen: string; readonly done: () => void } | undefined;
}

const seats: Seat[] = [];
let dialect: Dialect;
let next = 0;
let deliveries = 0;
/** Hears of the number of each message that a seat gets. Undefined where counting is enough. */
let hear: ((seat: number, number: number) => void) | undefined;
/** Which seats' numbers are read. */
let heard = 0;
let failure: string | undefined;

const question = Buffer.from('{"t":"mark","n":');
const questionSize = question.length + 11;

/** Sends back what the room asks, now and then, to see how far a client has read; who doesn't is closed on. */
function answer(seat: Seat, came: Buffer): void {
  const bytes = Buffer.concat([seat.tail, came]);
  let answered = 0;
  for (let at = bytes.indexOf(question); at >= 0; at = bytes.indexOf(question, answered)) {
    const end = bytes.indexOf('}', at) + 1;
    if (end === 0) break;
    seat.socket.write(textFrame(bytes.toString('latin1', at, end)));
    answered = end;
  }
  seat.tail = Buffer.from(bytes.subarray(Math.max(answered, bytes.length - questionSize)));
}

function read(index: number, seat: Seat, length: number): void {
  let from = carried - seat.left;
  seat.rest.copy(shared, from, 0, seat.left);
  const end = carried + length;
  const bytes = shared.subarray(0, end);
  if (dialect === 'ours') answer(seat, bytes.subarray(carried));
  if (seat.greeting) {
    const { greeting } = seat;
    greeting.seen = (greeting.seen + bytes.toString('latin1', from, end)).slice(-8192);
    seat.left = 0;
    if (greeting.seen.includes(greeting.text)) {
      seat.greeting = undefined;
      greeting.done();
    }
    return;
  }
  for (;;) {
    const at = bytes.indexOf(markBytes, from);
    if (at < 0 || at + carried >= end) {
      from = Math.max(from, at < 0 ? end - markBytes.length + 1 : at);
      break;
    }
    deliveries++;
    from = at + carried + 1;
    if (index < heard) {
      let number = 0;
      for (let i = at + markBytes.length; i < from; i++) number = number * 10 + (bytes[i] as number) - digit0;
      hear?.(index, number);
    }
  }
  seat.left = Math.max(0, end - from);
  bytes.copy(seat.rest, 0, from, end);
}

function sit(index: number, port: number): Seat {
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: shared.subarray(carried),
      callback: (length) => {
        read(index, seat, length);
        return true;
      },
    },
  });
  const seat: Seat = {
    socket,
    rest: Buffer.alloc(carried),
    left: 0,
    tail: Buffer.alloc(0),
    greeting: undefined,
  };
  socket.on('error', (error) => (failure ??= `socket ${index}: ${error.message}`));
  socket.on('close', () => (failure ??= `socket ${index} was closed`));
  return seat;
}

/** Writes `text` and waits until `greeting` has come. */
async function exchange(seat: Seat, bytes: string | Buffer, greeting: string): Promise<void> {
  await new Promise<void>((done, failed) => {
    seat.greeting = { text: greeting, seen: '', done };
    seat.socket.once('close', () =>
      failed(new Error(`closed instead of ${greeting}: ${seat.greeting?.seen}`)),
    );
    seat.socket.write(bytes);
  });
}

async function open({ dialect: name, port, entries }: Extract<CrowdCommand, { do: 'open' }>): Promise<void> {
  dialect = name;
  for (let i = 0; i < entries.length; i += 20) {
    await Promise.all(
      entries.slice(i, i + 20).map(async (entry, j) => {
        const seat = sit(i + j, port);
        seats[i + j] = seat;
        for (const [bytes, greeting] of dialects[dialect].enter(entry)) await exchange(seat, bytes, greeting);
      }),
    );
  }
}

function send(index: number): number {
  const number = next++;
  const { socket } = seats[index] as Seat;
  socket.write(dialects[dialect].message(marked(number)));
  return number;
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Closed loop: each of `senders` keeps `window` messages under way, and sends the next when it gets its own back. */
async function saturate({
  senders,
  window,
  warmUp,
  seconds,
}: Extract<CrowdCommand, { do: 'saturate' }>): Promise<Saturated> {
  const owner = new Int32Array(ring).fill(-1);
  let sent = 0;
  let going = true;
  const speak = (index: number) => {
    owner[next % ring] = index;
    sent++;
    send(index);
  };
  let underWay = 0;
  let settled: () => void = () => {};
  hear = (index, number) => {
    if (owner[number % ring] !== index) return;
    owner[number % ring] = -1;
    if (going) speak(index);
    else if (--underWay === 0) settled();
  };
  heard = senders;
  for (let i = 0; i < senders * window; i++) speak(i % senders);
  await pause(warmUp * 1000);
  process.send?.({ mark: 'begin' } satisfies CrowdReply);
  const [began, cpuBegan, deliveriesBegan, sentBegan] = [performance.now(), cpu(), deliveries, sent];
  await pause(seconds * 1000);
  const took = (performance.now() - began) / 1000;
  process.send?.({ mark: 'end' } satisfies CrowdReply);
  const result = {
    deliveries: deliveries - deliveriesBegan,
    messages: sent - sentBegan,
    seconds: took,
    cpu: cpu() - cpuBegan,
  };
  underWay = senders * window;
  going = false;
  await new Promise<void>((done) => (settled = done));
  hear = undefined;
  return result;
}

/** Open loop: `rate` messages a second by `senders` in turn, whatever comes back; the age of each as each seat gets it, in ms. */
async function pace({ senders, rate, seconds }: Extract<CrowdCommand, { do: 'pace' }>): Promise<Paced> {
  const total = Math.round(rate * seconds);
  const first = next;
  const sentAt = new Float64Array(total);
  const ages = new Float64Array(total * seats.length);
  let got = 0;
  let all: () => void = () => {};
  const finished = new Promise<void>((done) => (all = done));
  hear = (_, number) => {
    // What came before is still on its way to some.
    if (number < first) return;
    ages[got++] = performance.now() - (sentAt[number - first] as number);
    if (got === ages.length) all();
  };
  heard = seats.length;
  process.send?.({ mark: 'begin' } satisfies CrowdReply);
  const [began, cpuBegan] = [performance.now(), cpu()];
  for (let i = 0; i < total; i++) {
    const due = began + (i * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await pause(wait);
    sentAt[i] = performance.now();
    send(i % senders);
  }
  await finished;
  process.send?.({ mark: 'end' } satisfies CrowdReply);
  const took = (performance.now() - began) / 1000;
  hear = undefined;
  heard = 0;
  ages.sort();
  const at = (share: number) => ages[Math.min(ages.length - 1, Math.floor(ages.length * share))] as number;
  return { deliveries: got, p50: at(0.5), p99: at(0.99), seconds: took, cpu: cpu() - cpuBegan };
}

async function obey(command: CrowdCommand): Promise<unknown> {
  switch (command.do) {
    case 'open':
      return open(command);
    case 'saturate':
      return saturate(command);
    case 'pace':
      return pace(command);
  }
}

process.on('message', (command: CrowdCommand) => {
  const gone = setInterval(() => {
    if (failure !== undefined) process.send?.({ failed: failure } satisfies CrowdReply);
  }, 500);
  obey(command)
    .then(
      (result) => process.send?.({ done: result ?? null } satisfies CrowdReply),
      (error: Error) => process.send?.({ failed: failure ?? error.message } satisfies CrowdReply),
    )
    .finally(() => clearInterval(gone));
});
process.once('disconnect', () => process.exit());
