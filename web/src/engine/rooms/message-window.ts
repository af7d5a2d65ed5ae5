import { expiryOf } from '../store/messages.ts';
import { messageKey, type Row, type Store } from '../store/store.ts';

const pageSize = 100;

/** The stretch of a room's stored messages that is in memory: from some message to the newest. */
export class MessageWindow {
  readonly #store: () => Store;
  readonly #room: string;
  #messages: readonly Row<'messages'>[] = [];
  #complete = false;

  constructor(store: () => Store, room: string) {
    this.#store = store;
    this.#room = room;
  }

  /** Ascending by `seq`. */
  get messages(): readonly Row<'messages'>[] {
    return this.#messages;
  }

  /** When a message disappears; undefined for one that stays, or is not here. */
  expiryOf(id: string): number | undefined {
    const message = this.#messages.find((each) => each.id === id);
    return message && expiryOf(message);
  }

  /** Whether there is nothing older in the store. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Reads the newest page. */
  async open(): Promise<void> {
    this.#messages = await this.#pageBefore(`${this.#room}/\uffff`);
    this.#complete = this.#messages.length < pageSize;
  }

  /** Reads one more page of older messages. */
  async grow(): Promise<void> {
    const before = this.#messages[0];
    if (this.#complete || !before) return;
    const rows = await this.#pageBefore(messageKey(this.#room, before.seq));
    // Who scrolls fast asks twice for the same page.
    if (this.#messages[0] !== before) return;
    this.#messages = [...rows, ...this.#messages];
    this.#complete = rows.length < pageSize;
  }

  /** Reads all older messages from a little before `seq` on. */
  async growTo(seq: number): Promise<void> {
    const before = this.#messages[0];
    if (this.#complete || !before || before.seq <= seq) return;
    const [first] = await this.#pageBefore(messageKey(this.#room, seq));
    const from = first?.seq ?? seq;
    const rows = await this.#store().listBetween(
      'messages',
      messageKey(this.#room, from),
      messageKey(this.#room, before.seq - 1),
    );
    if (this.#messages[0] === before) this.#messages = [...rows.map(([, row]) => row), ...this.#messages];
  }

  /** Of the stored messages before `before`, the newest `limit` that `wanted` wants, ascending; whatever the window shows. */
  async older(
    wanted: (content: Row<'messages'>['content']) => boolean,
    before: number | undefined,
    limit: number,
  ): Promise<Row<'messages'>[]> {
    const found: Row<'messages'>[] = [];
    let end = before === undefined ? `${this.#room}/\uffff` : messageKey(this.#room, before);
    while (found.length < limit) {
      const page = await this.#pageBefore(end);
      found.unshift(...page.filter(({ content }) => wanted(content)));
      if (page.length < pageSize) break;
      end = messageKey(this.#room, page[0]!.seq);
    }
    return found.slice(-limit);
  }

  /** Reads what came after the newest message. */
  async follow(): Promise<void> {
    const fresh = await this.#from((this.#messages.at(-1)?.seq ?? 0) + 1);
    if (fresh.length) this.#messages = [...this.#messages, ...fresh];
  }

  /** Reads all of it again: what opened after all stands between what is here already, and what disappeared is gone. */
  async reload(): Promise<void> {
    this.#messages = await this.#from(this.#complete ? 0 : (this.#messages[0]?.seq ?? 0));
  }

  async #from(seq: number): Promise<Row<'messages'>[]> {
    const rows = await this.#store().listFrom('messages', `${this.#room}/`, messageKey(this.#room, seq));
    return rows.map(([, message]) => message);
  }

  async #pageBefore(key: string): Promise<Row<'messages'>[]> {
    const rows = await this.#store().listBefore('messages', `${this.#room}/`, key, pageSize);
    return rows.map(([, message]) => message);
  }
}
