import { expect, it } from 'vitest';
import type { CallSignal } from '../../../../protocol/call.ts';
import type { ClientFrame } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { Subject } from '../observable.ts';
import { Signals } from './signals.ts';

const id = '0197f3a0-0000-7000-8000-000000000001';
const key = (epoch: number): CallSignal => ({ t: 'key', stay: id, epoch, secret: '' });
const candidate = (n: number): CallSignal => ({
  t: 'candidate',
  link: id,
  candidate: { candidate: `${n}`, sdpMid: null, sdpMLineIndex: null, usernameFragment: null },
});

/** Signals whose sealing takes until `seal` is called, and what has left, in order. */
function waiting() {
  const sent: string[] = [];
  const batches: number[] = [];
  const sealing: (() => void)[] = [];
  let held = '';
  let sealed = () => {};
  const session = {
    account: { deviceId: 1 },
    handshakes: new Subject(0),
    keys: {
      sealSignals: async (_: string, list: { address: string; payload: { signal: CallSignal } }[]) => {
        batches.push(list.length);
        if (list[0]!.address === held) await new Promise(() => {});
        await new Promise<void>((resolve) => {
          sealing.push(resolve);
          sealed();
        });
        return list.map(({ payload: { signal } }) => {
          if (signal.t === 'bye') return undefined;
          if (signal.t === 'candidate') return `candidate ${signal.candidate?.candidate}`;
          return signal.t === 'key' ? `key ${signal.epoch}` : signal.t;
        });
      },
    },
  } as unknown as Session;
  const signals = new Signals({
    session,
    room: id,
    transmit: (frame: ClientFrame) => {
      if (frame.t === 'signal') sent.push(`${frame.to} ${frame.box}`);
      return true;
    },
    onSignal: () => {},
    onRefused: () => {},
  });
  return {
    sent,
    batches,
    send: (peer: string, signal: CallSignal, wanted?: () => boolean) =>
      signals.send('call', peer, signal, wanted),
    /** From now on nothing can be sealed for `peer`. */
    hold(peer: string) {
      held = peer;
    },
    /** Resolves once something is being sealed. */
    begins: () =>
      new Promise<void>((resolve) => {
        sealed = resolve;
      }),
    /** What is being sealed leaves. */
    async seal() {
      await new Promise((resolve) => setTimeout(resolve));
      for (const seal of sealing.splice(0)) seal();
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

it('what waits for a peer while something is sealed goes together, in order', async () => {
  const { send, begins, seal, sent, batches } = waiting();
  const begun = begins();
  send('ben', candidate(1));
  await begun;
  for (const n of [2, 3, 4]) send('ben', candidate(n));
  await seal();
  await seal();
  expect(batches).toEqual([1, 3]);
  expect(sent).toEqual([1, 2, 3, 4].map((n) => `ben candidate ${n}`));
});

it('what is said again while it waits is said once, as it was said last, and what is not wanted any more not at all', async () => {
  const { send, begins, seal, sent, batches } = waiting();
  const begun = begins();
  send('ben', candidate(1));
  await begun;
  let wanted = true;
  for (let epoch = 0; epoch < 50; epoch++) send('ben', key(epoch));
  send('ben', candidate(2), () => wanted);
  send('ben', key(50));
  wanted = false;
  await seal();
  await seal();
  expect(batches).toEqual([1, 1]);
  expect(sent).toEqual(['ben candidate 1', 'ben key 50']);
});

it('what is said again keeps the place of what it replaces', async () => {
  const { send, begins, seal, sent } = waiting();
  const begun = begins();
  send('ben', candidate(1));
  await begun;
  send('ben', key(1));
  send('ben', candidate(2));
  send('ben', key(2));
  await seal();
  await seal();
  expect(sent).toEqual(['ben candidate 1', 'ben key 2', 'ben candidate 2']);
});

it('a peer for whom nothing can be sealed for a while holds up no other', async () => {
  const { send, sent, hold, seal } = waiting();
  hold('ben');
  send('ben', key(1));
  send('carla', key(1));
  await seal();
  expect(sent).toEqual(['carla key 1']);
});

it('what is not wanted any more once those before it have left does not leave', async () => {
  const { send, sent, seal } = waiting();
  send('ben', candidate(1));
  send('ben', candidate(2), () => sent.length === 0);
  await seal();
  expect(sent).toEqual(['ben candidate 1']);
});

it('one that can’t be sealed holds up none beside it', async () => {
  const { send, begins, seal, sent } = waiting();
  const begun = begins();
  send('ben', { t: 'bye' });
  send('carla', key(1));
  await begun;
  await seal();
  expect(sent).toEqual(['carla key 1']);
});
