import { Refresher } from '../refresher.ts';
import type { Store } from '../store/store.ts';

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
  readonly #keeping = new Refresher(async () => {
    const { store, room, onKept } = this.#options;
    const value = this.#text === '' ? undefined : { text: this.#text };
    await store().write([{ table: 'drafts', key: room, value }], 'relaxed');
    onKept();
  });

  constructor(options: DraftOptions) {
    this.#options = options;
  }

  get text(): string {
    return this.#text;
  }

  /** Reads what was kept. */
  async open(): Promise<void> {
    const { store, room } = this.#options;
    this.#text = (await store().get('drafts', room))?.text ?? '';
  }

  /** Resolves when `text`, or what came after it, is kept. */
  keep(text: string): Promise<void> {
    this.#text = text.trim() === '' ? '' : text;
    return this.#keeping.run();
  }

  /** Resolves when nothing is under way. */
  close(): Promise<void> {
    return this.#keeping.idle();
  }
}
