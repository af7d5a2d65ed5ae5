import {
  decodeSenderKeyMessage,
  openGroup,
  parseSenderKey,
  type ReadGroupMessage,
  type SenderKeyState,
  serializeSenderKey,
  type VerifiedGroupMessage,
  verifyGroup,
} from '../../../../crypto/signal/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import { deviceAddress } from '../../../../protocol/scalars.ts';
import type { Message } from '../../../../protocol/socket.ts';
import type { Draft, Row } from '../store/store.ts';
import { chainKey, seconds } from './chains.ts';

/** This device never got the chain that a message was encrypted with. */
export class UnknownChainError extends Error {
  constructor() {
    super('the key of this message was never sent to this device');
    this.name = 'UnknownChainError';
  }
}

/** A room message as its ciphertext has it. */
interface Read {
  readonly key: string;
  readonly message: ReadGroupMessage;
  verified?: Promise<VerifiedGroupMessage>;
}

interface Part {
  readonly from: number;
  state: SenderKeyState;
}

/** A chain at work: `parts` begin with the row's own, and go on with its earlier ones. */
interface Chain {
  readonly row: Row<'chains'>;
  readonly parts: readonly Part[];
  moved: boolean;
}

type Boxed = Pick<Message, 'sender' | 'device' | 'box'>;

/**
 * The sender chains that others gave us, at work on one batch of a room's messages: each is read once, and put back once (`keep`).
 * What is thrown leaves a chain as it was. The caller holds the lock `crypto`.
 */
export class Followed {
  readonly draft: Draft;
  readonly #room: string;
  readonly #chains = new Map<string, Chain>();
  readonly #read = new Map<Boxed, Read>();
  /** What is still to be opened, by chain. */
  readonly #expected = new Map<string, Read[]>();

  /** @param messages what will be opened: once a chain is at hand, the signatures of all that it has among them are verified at once */
  constructor(draft: Draft, room: string, messages: readonly Message[] = []) {
    this.draft = draft;
    this.#room = room;
    for (const message of messages) {
      if (message.recipient !== undefined) continue;
      try {
        const read = this.#reading(message);
        const others = this.#expected.get(read.key);
        if (others) others.push(read);
        else this.#expected.set(read.key, [read]);
      } catch {
        // It throws again when its turn comes.
      }
    }
  }

  /** Decrypts a room message. Throws UnknownChainError or a SignalError. */
  async open(message: Boxed): Promise<{ plaintext: Uint8Array; distributionId: string }> {
    const read = this.#reading(message);
    const { distributionId, iteration } = read.message;
    const chain = await this.#chain(read.key);
    const part = chain && partFor(chain.parts, iteration);
    if (!part) throw new UnknownChainError();
    const verified = await (read.verified ?? verifyGroup(part.state, read.message));
    const { state, plaintext } = await openGroup(part.state, verified, seconds());
    part.state = state;
    chain.moved = true;
    return { plaintext, distributionId };
  }

  /** Puts what has moved into the draft. */
  keep(): void {
    for (const [key, { row, parts, moved }] of this.#chains) {
      if (!moved) continue;
      const [last, ...earlier] = parts.map(({ from, state }) => ({
        from,
        state: toBase64(serializeSenderKey(state)),
      }));
      this.draft.put('chains', key, { ...row, ...last!, ...(row.earlier && { earlier }) });
    }
  }

  #reading(message: Boxed): Read {
    let read = this.#read.get(message);
    if (!read) {
      const decoded = decodeSenderKeyMessage(fromBase64(message.box));
      const address = deviceAddress(message.sender, message.device);
      read = { key: chainKey(this.#room, address, decoded), message: decoded };
      this.#read.set(message, read);
    }
    return read;
  }

  async #chain(key: string): Promise<Chain | undefined> {
    const known = this.#chains.get(key);
    if (known) return known;
    const row = await this.draft.get('chains', key);
    if (!row) return undefined;
    const parts = [row, ...(row.earlier ?? [])].map(({ from, state }) => ({
      from,
      state: parseSenderKey(fromBase64(state)),
    }));
    const chain = { row, parts, moved: false };
    this.#chains.set(key, chain);
    for (const read of this.#expected.get(key) ?? []) {
      const part = partFor(parts, read.message.iteration);
      if (!part) continue;
      read.verified = verifyGroup(part.state, read.message);
      // Whoever opens it hears of it.
      read.verified.catch(() => {});
    }
    return chain;
  }
}

/** The part of a chain with the last beginning that is not after message `iteration`. */
const partFor = (parts: readonly Part[], iteration: number): Part | undefined =>
  parts
    .filter(({ from }) => from <= iteration)
    .reduce<Part | undefined>((best, part) => (best && best.from >= part.from ? best : part), undefined);
