import { deviceAddress } from '../../../../protocol/scalars.ts';
import type { Message } from '../../../../protocol/socket.ts';
import type { Draft, Row } from '../store/store.ts';
import { followsDevice, giveAgain, introduceAgain } from './chains.ts';
import { doubtSession } from './pairwise.ts';

/** How long after one question to a device, and one answer to it, the next is put, or given; in ms. Two broken clients must not loop. */
const askEvery = 5 * 60_000;
const answerEvery = 60_000;
/**
 * How many devices are asked at most within `askEvery` that this one has never had a session or a chain with. Whoever makes up
 * payloads can name as many devices as there are numbers.
 */
const strangersAsked = 4;
/** How many devices one question names. */
const askedAtOnce = 20;

type Times = Readonly<Record<string, number>>;

/**
 * Keys of the devices at `lost` did not arrive: begins a new session with each and gives it our own chain again, as the other
 * direction may be broken as well. Answers whom to ask (in a `device` content): not those that were `asked` a short while ago.
 */
export async function askFor(
  draft: Draft,
  room: string,
  lost: ReadonlySet<string>,
  asked: Times = {},
): Promise<{ asked: Record<string, number>; ask: string[] }> {
  const now = Date.now();
  const recent = Object.fromEntries(Object.entries(asked).filter(([, at]) => now - at < askEvery));
  const isKnown = async (address: string) =>
    (await draft.get('sessions', address)) !== undefined || (await followsDevice(draft, room, address));
  const ask: string[] = [];
  let strangers = 0;
  for (const address of Object.keys(recent)) if (!(await isKnown(address))) strangers++;
  for (const address of lost) {
    if (ask.length >= askedAtOnce) break;
    if (recent[address] !== undefined) continue;
    if (!(await isKnown(address)) && ++strangers > strangersAsked) continue;
    ask.push(address);
  }
  for (const address of ask) {
    await doubtSession(draft, address);
    await giveAgain(draft, room, address);
  }
  return { asked: { ...recent, ...Object.fromEntries(ask.map((address) => [address, now])) }, ask };
}

/**
 * A message asks some devices for their keys again: where `own` is one of them, and had given its chain to the sender's device, that
 * gets the same with our next message. Answers what to remember; undefined when there is nothing to do.
 */
export async function answer(
  draft: Draft,
  room: string,
  own: string,
  { sender, device }: Pick<Message, 'sender' | 'device'>,
  content: Row<'messages'>['content'],
  answered?: Times,
): Promise<Record<string, number> | undefined> {
  if (content.kind !== 'device' || !('lost' in content) || !Array.isArray(content.lost)) return undefined;
  if (!content.lost.includes(own)) return undefined;
  return owed(deviceAddress(sender, device), answered, (address) => giveAgain(draft, room, address));
}

/** A message asks everybody who they are: its device is told by our next one. Answers as `answer` does. */
export function introduce(
  draft: Draft,
  room: string,
  { sender, device }: Pick<Message, 'sender' | 'device'>,
  answered?: Times,
): Promise<Record<string, number> | undefined> {
  return owed(deviceAddress(sender, device), answered, (address) => introduceAgain(draft, room, address));
}

async function owed(
  address: string,
  answered: Times = {},
  give: (address: string) => Promise<boolean>,
): Promise<Record<string, number> | undefined> {
  const now = Date.now();
  if (now - (answered[address] ?? 0) < answerEvery) return undefined;
  // Who was given nothing is owed nothing: a member could name devices that don't exist.
  if (!(await give(address))) return undefined;
  const recent = Object.entries(answered).filter(([, at]) => now - at < answerEvery);
  return { ...Object.fromEntries(recent), [address]: now };
}
