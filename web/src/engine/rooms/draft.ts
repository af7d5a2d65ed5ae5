import { Refresher } from '../refresher.ts';
import type { Store } from '../store/store.ts';
import type { Begun } from './types.ts';

export interface DraftOptions {
  readonly store: () => Store;
  readonly room: string;
  /** What is kept has changed. */
  readonly onKept: () => void;
}

/** What somebody has begun to write in a room: over reloads, on this device alone. */
export class RoomDraft {
  readonly #options: DraftOptions;
  #text = '';
  #begun: Begun | undefined;
  /** What was written here since it was last kept: the other may be something of another tab's. */
  readonly #touched = new Set<'draft' | 'change'>();
  readonly #keeping = new Refresher(async () => {
    const { store, room, onKept } = this.#options;
    const touched = [...this.#touched];
    this.#touched.clear();
    const rows = touched.map((what) =>
      what === 'draft'
        ? { table: 'drafts' as const, key: room, value: this.#draft() }
        : { table: 'drafts' as const, key: changeKey(room), value: this.#change() },
    );
    await store()
      .write(rows, 'relaxed')
      .catch((error) => {
        for (const what of touched) this.#touched.add(what);
        throw error;
      });
    onKept();
  });

  constructor(options: DraftOptions) {
    this.#options = options;
  }

  get text(): string {
    return this.#text;
  }

  get begun(): Begun | undefined {
    return this.#begun;
  }

  /** Reads what was kept. */
  async open(): Promise<void> {
    const { store, room } = this.#options;
    const [draft, change] = [await store().get('drafts', room), await store().get('drafts', changeKey(room))];
    this.#text = draft?.text ?? '';
    if (change?.changes) this.#begun = { kind: 'edit', ...change.changes, text: change.text };
    else if (draft?.answers) this.#begun = { kind: 'reply', ...draft.answers };
  }

  /** Resolves when `text`, or what came after it, is kept. */
  keep(text: string): Promise<void> {
    this.#text = text.trim() === '' ? '' : text;
    this.#touched.add('draft');
    return this.#keeping.run();
  }

  /** As `keep`, of what is answered or changed. An answer without words is kept as long as this page lasts. */
  begin(begun: Begun | undefined): Promise<void> {
    for (const each of [this.#begun, begun]) {
      if (each?.kind === 'edit') this.#touched.add('change');
      if (each?.kind === 'reply' && this.#text !== '') this.#touched.add('draft');
    }
    this.#begun = begun;
    return this.#keeping.run();
  }

  /** Resolves when nothing is under way. */
  close(): Promise<void> {
    return this.#keeping.idle();
  }

  #draft() {
    if (this.#text === '') return undefined;
    return { text: this.#text, ...(this.#begun?.kind === 'reply' && { answers: refOf(this.#begun) }) };
  }

  #change() {
    if (this.#begun?.kind !== 'edit' || this.#begun.text.trim() === '') return undefined;
    return { text: this.#begun.text, changes: refOf(this.#begun) };
  }
}

/** Earlier versions read the row of the room alone, and find there what they know. */
const changeKey = (room: string) => `${room}/change`;

const refOf = ({ id, seq }: Begun) => ({ id, ...(seq !== undefined && { seq }) });
