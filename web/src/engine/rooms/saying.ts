import { uuidv7 } from 'uuidv7';
import { Content, type FileContent } from '../../../../protocol/content.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { EngineError } from '../types.ts';
import type { Membership } from './membership.ts';
import { mentioned } from './mentions.ts';
import type { MessageWindow } from './message-window.ts';
import type { Outbox } from './outbox.ts';

export interface SayingOptions {
  readonly session: Session;
  readonly room: string;
  readonly membership: Membership;
  readonly outbox: Outbox;
  readonly window: MessageWindow;
  /** Seconds for which what is said here lasts; 0 or undefined: for good. */
  readonly lasts: () => number | undefined;
  /** Throws EngineError `gone` where nothing can be said any more. */
  readonly mustBeIn: () => void;
  readonly onSaid: () => void;
}

/** Puts what a person says into words of the contract, and into the outbox. */
export class Saying {
  readonly #options: SayingOptions;

  constructor(options: SayingOptions) {
    this.#options = options;
  }

  /** Throws EngineError `too-long`, `gone`. */
  async say(content: Content, id = uuidv7()): Promise<void> {
    const { room, outbox, mustBeIn, onSaid } = this.#options;
    mustBeIn();
    if (!Content.safeParse(content).success) throw new EngineError('too-long', m.engine_tooLong());
    await outbox.add({ id, room, at: Date.now(), content });
    onSaid();
  }

  async text(words: string, replyTo?: string): Promise<void> {
    const body = words.trim();
    if (!body) return;
    const answers = replyTo !== undefined && { replyTo };
    await this.say({ kind: 'text', body, ...this.#mentions(body), ...this.#lasting(), ...answers });
  }

  forward(body: string): Promise<void> {
    return this.say({ kind: 'text', body, forwarded: true, ...this.#lasting() });
  }

  file(content: FileContent, messageId: string): Promise<void> {
    return this.say({ ...content, ...this.#lasting() }, messageId);
  }

  async edit(target: string, words: string): Promise<void> {
    const body = words.trim();
    if (!body) return;
    // Its new words go when it goes.
    const expiry = this.#options.window.expiryOf(target);
    const lasts = expiry === undefined ? undefined : Math.max(1, Math.ceil((expiry - Date.now()) / 1000));
    const life = lasts !== undefined && { lasts };
    await this.say({ kind: 'edit', target, body, ...this.#mentions(body), ...life });
  }

  pin(target: string, seq: number, on: boolean): Promise<void> {
    return this.say({ kind: 'pin', target, seq, ...(!on && { remove: true }) });
  }

  /** Whom of the members a text names. */
  #mentions(body: string): { mentions?: string[] } {
    const { members } = this.#options.membership;
    const people = members.map(({ userId: id }) => ({ id, name: this.#options.membership.name(id) }));
    const mentions = [...new Set(mentioned(body, people).map(({ id }) => id))].slice(0, 50);
    return mentions.length > 0 ? { mentions } : {};
  }

  #lasting(): { lasts?: number } {
    const lasts = this.#options.lasts();
    return lasts ? { lasts } : {};
  }
}
