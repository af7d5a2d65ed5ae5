import { uuidv7 } from 'uuidv7';
import { openWith, sealWith } from '../../../../crypto/account/index.ts';
import {
  createRoomSecret,
  type InviteSecret,
  inviteKeyOf,
  openFromInvite,
  openLabel,
  proveInvite,
  readFragment,
  sealLabel,
  signByInvite,
  signEntry,
} from '../../../../crypto/room/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import type { Room as RemoteRoom } from '../../../../protocol/rest/index.ts';
import type { SignedEntry } from '../../../../protocol/roster.ts';
import type { Session } from '../account/session.ts';
import { ProblemError } from '../api.ts';
import { Peers } from '../crypto/peers.ts';
import { Subject } from '../observable.ts';
import type { Bus } from '../store/bus.ts';
import type { Row } from '../store/store.ts';
import { EngineError, type InvitePreview, type RoomSummary } from '../types.ts';
import { LiveRoom } from './room.ts';
import { RosterLog } from './roster.ts';

/** An invitation that has been looked at: the room's roster as verified, and its secret. */
interface OpenedInvite {
  readonly invite: InviteSecret;
  readonly log: RosterLog;
  readonly secret: Uint8Array;
  readonly name: string;
  readonly by: string;
}

/** All rooms of the signed-in account. */
export class Rooms {
  readonly list = new Subject<readonly RoomSummary[]>([]);
  readonly #session: Session;
  readonly #origin: string;
  readonly #bus: Bus;
  readonly #peers: Peers;
  readonly #live = new Map<string, LiveRoom>();

  constructor(session: Session, origin: string, bus: Bus) {
    this.#session = session;
    this.#origin = origin;
    this.#bus = bus;
    this.#peers = new Peers(session);
  }

  /** Opens every room that this browser knows; works offline. */
  async open(): Promise<void> {
    for (const [, row] of await this.#session.store.list('rooms'))
      if (row.gone !== 'left') await this.#start(row);
  }

  /** Asks the server for rooms that this browser does not know yet: made or joined on another device. */
  async sync(): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#session.api('listRooms', {
        query: { ...(cursor !== undefined && { cursor }) },
      });
      for (const room of page.items) if (!this.#live.has(room.id)) await this.#adopt(room);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }

  get(id: string): LiveRoom {
    const room = this.#live.get(id);
    if (!room) throw new EngineError('no-such-room', 'There is no such room on this account.');
    return room;
  }

  /** Another tab changed a room, or made one. */
  async changed(id: string): Promise<void> {
    const room = this.#live.get(id);
    if (room) return room.changed();
    const row = await this.#session.store.get('rooms', id);
    if (row) await this.#start(row);
  }

  /** Creates a room; answers its id. */
  async create(name: string): Promise<string> {
    const { identity } = await this.#session.keys;
    const me = this.#session.account;
    const id = uuidv7();
    const secret = createRoomSecret();
    const entry = signEntry(
      {
        v: 1,
        room: id,
        seq: 0,
        prev: null,
        by: me.id,
        at: Date.now(),
        kind: 'created',
        identityKey: toBase64(identity.publicKey),
        profile: await sealLabel(secret, 'profile', me.name),
      },
      identity.privateKey,
    );
    const body = {
      id,
      name: await sealLabel(secret, 'name', name),
      sealedKey: await this.#sealSecret(id, secret),
      entry,
    };
    await this.#session.api('createRoom', { body });
    await this.#keep({ id, name, secret, roster: [entry], role: 'owner' });
    return id;
  }

  async readInvite(link: string): Promise<InvitePreview> {
    const { invite, log, name, secret, by } = await this.#openInvite(link);
    const { members } = log.verified.roster;
    const profile = log.profile(by);
    return {
      roomId: invite.room,
      roomName: name,
      invitedBy: profile === undefined ? 'Somebody' : await openLabel(secret, 'profile', profile),
      members: members.size,
      alreadyMember: members.has(this.#session.account.id),
    };
  }

  /** Joins by an invite link; answers the room's id. */
  async join(link: string): Promise<string> {
    const me = this.#session.account;
    for (let attempt = 0; ; attempt++) {
      const { invite, log, name, secret } = await this.#openInvite(link);
      const { roster } = log.verified;
      const room = { id: invite.room, name, secret };
      const mine = roster.members.get(me.id);
      if (mine) {
        if (!this.#live.has(room.id)) await this.#keep({ ...room, roster: log.entries, role: mine.role });
        return room.id;
      }
      const { identity } = await this.#session.keys;
      const inviteKey = inviteKeyOf(invite);
      const profile = await sealLabel(secret, 'profile', me.name);
      const link_ = {
        v: 1,
        room: room.id,
        seq: roster.seq + 1,
        prev: roster.head,
        by: me.id,
        at: Date.now(),
      } as const;
      const joined = {
        ...link_,
        kind: 'joined',
        identityKey: toBase64(identity.publicKey),
        inviteKey,
        profile,
      } as const;
      const entry = signByInvite(signEntry(joined, identity.privateKey), invite);
      try {
        const body = { entry, sealedKey: await this.#sealSecret(room.id, secret) };
        await this.#session.api('joinRoom', { params: { id: room.id }, body });
      } catch (error) {
        if (!(error instanceof ProblemError && error.is('roster-conflict')) || attempt === 5) throw error;
        continue;
      }
      await this.#keep({
        ...room,
        roster: [...log.entries, entry],
        role: roster.invites.get(inviteKey)?.role ?? 'member',
      });
      return room.id;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#live.values()].map((room) => room.close()));
    this.#live.clear();
    this.list.set([]);
  }

  async #openInvite(link: string): Promise<OpenedInvite> {
    const invite = readFragment(link);
    if (!invite)
      throw new EngineError(
        'bad-link',
        'This is not a whole invite link. Ask for it again and copy all of it.',
      );
    const key = inviteKeyOf(invite);
    const proof = proveInvite(invite, this.#session.account.id);
    const reply = await this.#session.api('listMembers', {
      params: { id: invite.room },
      query: { invite: key, proof },
    });
    const log = new RosterLog(invite.room);
    await log.take(reply.roster);
    const known = log.history().find((entry) => entry.kind === 'invite' && entry.inviteKey === key);
    if (known?.kind !== 'invite')
      throw new EngineError('invite-invalid', 'This invitation is not valid any more.');
    const secret = await openFromInvite(invite, known.sealed);
    return { invite, log, secret, name: await openLabel(secret, 'name', reply.name), by: known.by };
  }

  /** Takes in a room that the server says we are in, on a device that does not know it. */
  async #adopt(remote: RemoteRoom): Promise<void> {
    const { vaultKey } = await this.#session.keys;
    const secret = await openWith(vaultKey, fromBase64(remote.sealedKey), `room ${remote.id}`);
    const name = await openLabel(secret, 'name', remote.name);
    const { roster } = await this.#session.api('listMembers', { params: { id: remote.id }, query: {} });
    const room = await this.#keep({ id: remote.id, name, secret, roster, role: remote.role });
    await room.announceDevice();
  }

  async #sealSecret(room: string, secret: Uint8Array): Promise<string> {
    const { vaultKey } = await this.#session.keys;
    return toBase64(await sealWith(vaultKey, secret, `room ${room}`));
  }

  async #keep(room: {
    id: string;
    name: string;
    secret: Uint8Array;
    roster: readonly SignedEntry[];
    role: Row<'rooms'>['role'];
  }): Promise<LiveRoom> {
    const fresh = { cursor: 0, readSeq: 0, before: false, activeAt: Date.now(), unread: 0 };
    // Somebody who comes back has read the log up to where it ended for them.
    const { gone: _, ...known } = (await this.#session.store.get('rooms', room.id)) ?? { gone: undefined };
    const row = { ...fresh, ...known, ...room, secret: toBase64(room.secret), roster: [...room.roster] };
    await this.#session.store.write([{ table: 'rooms', key: room.id, value: row }]);
    this.#bus.tell({ kind: 'room', id: room.id });
    return this.#start(row);
  }

  async #start(row: Row<'rooms'>): Promise<LiveRoom> {
    await this.#live.get(row.id)?.close();
    const context = {
      session: this.#session,
      peers: this.#peers,
      bus: this.#bus,
      origin: this.#origin,
      onChange: () => this.#publish(),
    };
    const room = await LiveRoom.open(context, row);
    this.#live.set(row.id, room);
    this.#publish();
    return room;
  }

  #publish(): void {
    const summaries = [...this.#live.values()]
      .filter(({ row }) => row.gone !== 'left')
      .map((room): RoomSummary => {
        const { id, name, role, unread, activeAt, last } = room.row;
        const author = last && (last.author === this.#session.account.id ? 'You' : room.name(last.author));
        return {
          id,
          name,
          role,
          unread,
          activeAt,
          ...(last && { last: { author: author!, text: last.text, at: last.at } }),
        };
      });
    this.list.set(summaries.sort((a, b) => b.activeAt - a.activeAt));
  }
}
