import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { acceptDistribution, decryptGroup, serializeSenderKey } from '../../../../crypto/signal/index.ts';
import { fromBase64, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import { deviceAddress } from '../../../../protocol/scalars.ts';
import type { Message } from '../../../../protocol/socket.ts';
import { Store } from '../store/store.ts';
import { distributionOf, learnChain, ownChain, sealForRoom } from './chains.ts';
import { Followed } from './followed.ts';

const room = uuidv7();
const sender = uuidv7();
const newDraft = async () => (await Store.open(`followed-${crypto.randomUUID()}`)).draft();

/** A chain of the sender's, as it is distributed, and messages that it has encrypted. */
async function chainOf(texts: readonly string[]) {
  const draft = await newDraft();
  const first = await ownChain(draft, room, 0, new Set());
  draft.put('ownChains', room, first);
  const messages: Message[] = [];
  for (const [i, text] of texts.entries()) {
    const chain = (await draft.get('ownChains', room))!;
    const box = toBase64(sealForRoom(draft, room, chain, utf8(text)));
    messages.push({ id: uuidv7(), seq: i + 1, sender, device: 1, at: 1, box });
  }
  return { distribution: distributionOf(first), messages };
}

const altered = (message: Message, at: number): Message => {
  const bytes = fromBase64(message.box);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  return { ...message, box: toBase64(bytes) };
};

it('bad messages in a batch fail alone, each for its reason, and the chain is left as if they had never come', async () => {
  const { distribution, messages } = await chainOf(['one', 'two', 'three']);
  const [one, two, three] = messages as [Message, Message, Message];
  const batch = [
    one,
    altered(two, -1),
    altered(two, -70),
    { ...two, box: toBase64(utf8('no message')) },
    { ...two, sender: uuidv7() },
    { ...one },
    two,
    three,
  ];
  const draft = await newDraft();
  await learnChain(draft, { room, address: deviceAddress(sender, 1), distribution });
  const followed = new Followed(draft, room, batch);
  const outcomes: unknown[] = [];
  for (const message of batch)
    outcomes.push(
      await followed.open(message).then(
        ({ plaintext }) => new TextDecoder().decode(plaintext),
        ({ reason, name }) => reason ?? name,
      ),
    );
  expect(outcomes).toEqual([
    'one',
    'bad-signature',
    'bad-signature',
    'unsupported-version',
    'UnknownChainError',
    'duplicate-message',
    'two',
    'three',
  ]);
  followed.keep();
  await draft.commit();
  let alone = acceptDistribution(fromBase64(distribution));
  const now = Math.floor(Date.now() / 1000);
  for (const { box } of messages) ({ state: alone } = await decryptGroup(alone, fromBase64(box), now));
  const key = `${room}/${deviceAddress(sender, 1)}/${alone.distributionId}/${alone.chainId}`;
  expect((await draft.get('chains', key))?.state).toBe(toBase64(serializeSenderKey(alone)));
});

it('a chain that comes in the middle of a batch opens what follows it, and a message that skips others is believed once', async () => {
  const { distribution, messages } = await chainOf(['one', 'two', 'three']);
  const batch = [messages[0]!, messages[2]!, messages[1]!];
  const draft = await newDraft();
  const followed = new Followed(draft, room, batch);
  await expect(followed.open(batch[0]!)).rejects.toMatchObject({ name: 'UnknownChainError' });
  await learnChain(draft, { room, address: deviceAddress(sender, 1), distribution });
  for (const message of batch) await followed.open(message);
  followed.keep();
  await draft.commit();
  const later = new Followed(draft, room, batch);
  for (const message of batch)
    await expect(later.open(message)).rejects.toMatchObject({ reason: 'duplicate-message' });
});
