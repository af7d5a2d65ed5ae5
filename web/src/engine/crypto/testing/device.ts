import { uuidv7 } from 'uuidv7';
import { accountKeys, createAccountSecret, signDeviceList } from '../../../../../crypto/account/index.ts';
import { fromBase64, toBase64 } from '../../../../../protocol/bytes.ts';
import type { Content } from '../../../../../protocol/content.ts';
import type { SignedDeviceList } from '../../../../../protocol/devices.ts';
import type { SignedEntry } from '../../../../../protocol/roster.ts';
import { deviceAddress } from '../../../../../protocol/scalars.ts';
import { createLocks } from '../../store/locks.ts';
import { type Draft, type Row, Store, type Table } from '../../store/store.ts';
import { createHost } from '../host.ts';
import type { KeyHost } from '../index.ts';
import { Died, Life } from './mortal.ts';
import type { Service } from './service.ts';

/** Somebody's one device: its store, and hosts of keys that come and go. What a page does with them is done by hand. */
export class TestDevice {
  readonly id: string;
  readonly identityKey: string;
  readonly storeName: string;
  readonly #service: Service;
  readonly store: Store<Table>;
  #life = new Life();
  #host: KeyHost | undefined;
  /** How many hosts have died. */
  deaths = 0;

  private constructor(name: string, service: Service, store: Store<Table>, account: Row<'account'>) {
    this.storeName = name;
    this.#service = service;
    this.store = store;
    this.id = account.id;
    this.identityKey = account.identityKey!;
  }

  /** A new account on a new device, which is published. */
  static async create(service: Service): Promise<TestDevice> {
    const name = `device-${crypto.randomUUID()}`;
    const store = await Store.open(name);
    const secret = createAccountSecret();
    const identityKey = toBase64(accountKeys(secret).identity.publicKey);
    const id = uuidv7();
    const rest = { email: 'a@example.org', name: 'A', registrationId: 7, published: false, nextPreKeyId: 1 };
    const account = { id, deviceId: 1, identityKey, ...rest };
    await store.write([
      { table: 'secrets', key: 'me', value: { secret: toBase64(secret) } },
      { table: 'account', key: 'me', value: account },
    ]);
    service.admit(id, identityKey);
    const device = new TestDevice(name, service, store, account);
    await device.do((host) => host.publishDevice());
    return device;
  }

  /** A list of the account's devices, signed with its key: this one, and `other` where given. */
  async signList(version: number, other?: number): Promise<SignedDeviceList> {
    const { secret } = (await this.store.get('secrets', 'me'))!;
    const ids = [1, ...(other === undefined ? [] : [other])];
    const devices = ids.map((id) => ({ id, registrationId: 7, addedAt: 0 }));
    const list = { v: 1, user: this.id, version, minHandshake: 4, devices, lastId: 10 } as const;
    return signDeviceList(list, accountKeys(fromBase64(secret)).identity.privateKey);
  }

  get address(): string {
    return deviceAddress(this.id, 1);
  }

  /** From its next call on, the present host lives for `steps` more. */
  doom(steps: number): void {
    this.#host?.close();
    this.#host = undefined;
    this.#life = new Life(steps);
  }

  /** Calls the host; where it dies over that, calls the next one, as the page does. */
  async do<T>(call: (host: KeyHost) => Promise<T>): Promise<T> {
    for (;;) {
      const life = this.#life;
      this.#host ??= this.#start(life);
      try {
        return await life.lasts(call(this.#host));
      } catch (error) {
        if (!(error instanceof Died)) throw error;
        this.deaths++;
        this.#host.close();
        this.#host = undefined;
        this.#life = new Life();
      }
    }
  }

  #start(life: Life): KeyHost {
    return createHost({
      storeName: this.storeName,
      transport: 'body',
      deviceName: 'A',
      api: life.api(this.#service.apiFor(this.id)),
      locks: life.locks(createLocks(this.storeName)),
      deriveMasterKey: async () => new Uint8Array(32),
      openStore: async (...args) => life.store(await Store.open(...args)),
    });
  }

  /** Changes what is stored, behind the host's back. */
  async change(by: (draft: Draft) => unknown): Promise<void> {
    const draft = this.store.draft();
    await by(draft);
    await draft.commit();
  }

  /** Keeps the room with this roster. */
  async enter(room: string, roster: SignedEntry[]): Promise<void> {
    const known = await this.store.get('rooms', room);
    const fresh = {
      ...{ id: room, name: 'Room', secret: toBase64(new Uint8Array(32)), role: 'member' as const },
      ...{ cursor: 0, readSeq: 0, before: false, activeAt: 0, unread: 0, since: 0 },
    };
    await this.store.write([{ table: 'rooms', key: room, value: { ...fresh, ...known, roster } }]);
  }

  /** Writes a text into the outbox. */
  write(room: string, body: string): Promise<void> {
    return this.#put(room, { kind: 'text', body });
  }

  /** Puts something into the outbox, and sends all that waits. */
  async say(room: string, content: Content): Promise<void> {
    await this.#put(room, content);
    await this.flush(room);
  }

  async #put(room: string, content: Content): Promise<void> {
    const id = uuidv7();
    const row = { id, room, at: Date.now(), content };
    await this.store.write([{ table: 'outbox', key: `${room}/${id}`, value: row }]);
  }

  /** Sends all that waits, each frame twice: the line broke, and nobody knows what had arrived. */
  async flush(room: string): Promise<void> {
    const entries = (await this.store.get('rooms', room))!.roster.length;
    for (const [, { id }] of await this.store.list('outbox', `${room}/`)) {
      const before = this.deaths;
      const row = await this.do((host) => host.seal(room, id, entries));
      if (row === undefined || row === 'later') throw new Error('a message of the outbox was not sealed');
      for (const frame of [...row.frames!, ...row.frames!]) this.#service.take(this.id, frame);
      // What the host that died had committed is what leaves.
      if (this.deaths > before)
        for (const frame of (await this.store.get('outbox', `${room}/${id}`))!.frames!)
          this.#service.take(this.id, frame);
    }
  }

  /** Takes in what the log has, the last few messages once more. */
  async catchUp(room: string): Promise<void> {
    const { cursor } = (await this.store.get('rooms', room))!;
    const items = this.#service.for(this.id, this.address).filter(({ seq }) => seq > cursor - 5);
    await this.do((host) => host.receive(room, items, true));
  }

  /** Tries again what lacked its key. */
  async repair(room: string): Promise<void> {
    const { missed = Number.POSITIVE_INFINITY } = (await this.store.get('rooms', room))!;
    const items = this.#service.for(this.id, this.address).filter(({ seq }) => seq >= missed);
    await this.do((host) => host.learnBackups(room));
    const still = await this.do((host) => host.reopen(room, items));
    // As the page notes it.
    const { missed: _, ...row } = (await this.store.get('rooms', room))!;
    const value = { ...row, ...(still !== undefined && { missed: still }) };
    await this.store.write([{ table: 'rooms', key: room, value }]);
  }

  /** What it can read, in order. */
  async texts(room: string): Promise<string[]> {
    const rows = await this.store.list('messages', `${room}/`);
    return rows.flatMap(([, { content }]) => {
      if (content.kind === 'text' && 'body' in content) return [String(content.body)];
      return content.kind === 'unreadable' && 'reason' in content ? [`unreadable: ${content.reason}`] : [];
    });
  }

  close(): void {
    this.#host?.close();
    this.store.close();
  }
}
