import { uuidv7 } from 'uuidv7';
import { SealError } from '../../../../crypto/account/seal.ts';
import {
  createRoomSecret,
  type InviteSecret,
  inviteKeyOf,
  openFromInvite,
  openLabel,
  proveInvite,
  RosterError,
  readFragment,
  sealLabel,
  signByInvite,
} from '../../../../crypto/room/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import { contentKinds } from '../../../../protocol/content.ts';
import type { Room as RemoteRoom } from '../../../../protocol/rest/index.ts';
import type { SignedEntry } from '../../../../protocol/roster.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { ProblemError } from '../api.ts';
import type { Row } from '../store/store.ts';
import { EngineError, type InvitePreview, type RequestState } from '../types.ts';
import { admission, askToJoin, readAsking } from './asking.ts';
import type { LiveRoom } from './room.ts';
import { RosterLog } from './roster.ts';

/** An invitation that has been looked at: the room's roster as verified, and its secret. */
interface OpenedInvite {
  readonly invite: InviteSecret;
  readonly log: RosterLog;
  readonly secret: Uint8Array;
  readonly name: string;
  readonly by: string;
}

/** Of who asks to come in, before they do. */
const nobodyYet = { roomName: '', invitedBy: '', members: 0, alreadyMember: false } as const;

export interface ArrivalsOptions {
  readonly session: Session;
  /** A room that is open here. */
  readonly live: (id: string) => LiveRoom | undefined;
  /** Opens a stored room, unless it is open already. */
  readonly start: (id: string) => Promise<LiveRoom>;
  /** A room is stored, of which other tabs may not know. */
  readonly onKept: (id: string) => void;
}

/** How an account comes into rooms: makes one, comes by a link, or has come on another device. */
export class Arrivals {
  readonly #options: ArrivalsOptions;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** Creates a room; answers its id. */
  create(name: string): Promise<string> {
    return this.#options.session.locks.run('arrival', () => this.#create(name));
  }

  async #create(name: string): Promise<string> {
    const { account: me, identityKey, keys } = this.#options.session;
    const id = uuidv7();
    const secret = createRoomSecret();
    const entry = await keys.signEntry({
      v: 1,
      room: id,
      seq: 0,
      prev: null,
      by: me.id,
      at: Date.now(),
      kind: 'created',
      identityKey,
      profile: await sealLabel(secret, 'profile', this.#options.session.me.name),
    });
    const body = {
      id,
      name: await sealLabel(secret, 'name', name),
      sealedKey: await keys.sealRoomSecret(id, secret),
      entry,
    };
    await this.#options.session.api('createRoom', { body });
    await this.#keep({ id, name, secret, roster: [entry], role: 'owner' });
    return id;
  }

  async readInvite(link: string): Promise<InvitePreview> {
    const found = this.#readLink(link);
    if (found.asks) return this.#readAsking(found);
    const { invite, log, name, secret, by } = await this.#openInvite(found);
    const { members } = log.verified.roster;
    const profile = log.profile(by);
    return {
      roomId: invite.room,
      roomName: name,
      invitedBy: profile === undefined ? m.engine_somebody() : await openLabel(secret, 'profile', profile),
      members: members.size,
      alreadyMember: members.has(this.#options.session.account.id),
    };
  }

  /** What a link leads to by which one asks. */
  async #readAsking(link: InviteSecret): Promise<InvitePreview> {
    const known = this.#options.live(link.room);
    if (known && !known.row.gone)
      return { ...nobodyYet, roomId: link.room, roomName: known.row.name, alreadyMember: true };
    const { state, name } = await readAsking(this.#options.session, link);
    return { ...nobodyYet, roomId: link.room, ...(name !== undefined && { roomName: name }), asking: state };
  }

  /** Asks to come in, by a link of that kind. */
  ask(link: string): Promise<RequestState> {
    return askToJoin(this.#options.session, this.#readLink(link));
  }

  /** Joins by an invite link, or by one to ask by, once somebody has let them in; answers the room's id. */
  async join(link: string): Promise<string> {
    const found = this.#readLink(link);
    const invite = found.asks ? await admission(this.#options.session, found) : found;
    return this.#options.session.locks.run('arrival', () => this.#join(invite));
  }

  async #join(link: InviteSecret): Promise<string> {
    const { account: me, identityKey, keys } = this.#options.session;
    for (let attempt = 0; ; attempt++) {
      const { invite, log, name, secret } = await this.#openInvite(link);
      const { roster } = log.verified;
      const room = { id: invite.room, name, secret };
      const mine = roster.members.get(me.id);
      if (mine) {
        this.#mustBeMe(log);
        const open = this.#options.live(room.id);
        if (!open || open.row.gone) await this.#keep({ ...room, roster: log.entries, role: mine.role });
        return room.id;
      }
      const inviteKey = inviteKeyOf(invite);
      const profile = await sealLabel(secret, 'profile', this.#options.session.me.name);
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
        identityKey,
        inviteKey,
        profile,
      } as const;
      const entry = signByInvite(await keys.signEntry(joined), invite);
      try {
        const body = { entry, sealedKey: await keys.sealRoomSecret(room.id, secret) };
        await this.#options.session.api('joinRoom', { params: { id: room.id }, body });
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

  /** Throws EngineError `bad-link`. */
  #readLink(link: string): InviteSecret {
    const invite = readFragment(link);
    if (invite) return invite;
    throw new EngineError('bad-link', m.engine_badLink());
  }

  async #openInvite(invite: InviteSecret): Promise<OpenedInvite> {
    const key = inviteKeyOf(invite);
    const proof = proveInvite(invite, this.#options.session.account.id);
    const reply = await this.#options.session.api('listMembers', {
      params: { id: invite.room },
      query: { invite: key, proof },
    });
    try {
      const log = await this.#verified(invite.room, reply.roster);
      const known = log.invite(key);
      if (!known) throw new EngineError('invite-invalid', m.engine_inviteInvalid());
      const secret = await openFromInvite(invite, known.sealed, known.prev ?? '');
      return { invite, log, secret, name: await openLabel(secret, 'name', reply.name), by: known.by };
    } catch (error) {
      if (!(error instanceof RosterError || error instanceof SealError)) throw error;
      throw new EngineError('forged-room', m.engine_forgedRoom(), { cause: error });
    }
  }

  /** The roster as the service tells it, checked from its beginning, or from what this browser has of it. */
  async #verified(id: string, roster: readonly SignedEntry[]): Promise<RosterLog> {
    const log = new RosterLog(id);
    await log.add((await this.#options.session.store.get('rooms', id))?.roster ?? []);
    await log.take(roster);
    return log;
  }

  /** Our own signed entry is in the log, so all that is before it is what we saw when we came. */
  #mustBeMe(log: RosterLog): void {
    const { id } = this.#options.session.account;
    const mine = log.verified.roster.members.get(id)?.identityKey;
    if (mine !== this.#options.session.identityKey)
      throw new EngineError('forged-room', m.engine_notSigned());
  }

  /** Takes in a room that the server says we are in, on a device that does not know it or had been out of it. */
  adopt(remote: RemoteRoom): Promise<void> {
    // The account hears of a room while this tab or another one is coming into it.
    return this.#options.session.locks.run('arrival', async () => {
      const stored = await this.#options.session.store.get('rooms', remote.id);
      if (!stored || stored.gone) return this.#adoptNow(remote);
      (await this.#options.start(remote.id)).want();
    });
  }

  async #adoptNow(remote: RemoteRoom): Promise<void> {
    const { keys } = this.#options.session;
    const secret = await keys.openRoomSecret(remote.id, remote.sealedKey);
    const name = await openLabel(secret, 'name', remote.name);
    const { roster } = await this.#options.session.api('listMembers', {
      params: { id: remote.id },
      query: {},
    });
    const log = await this.#verified(remote.id, roster);
    this.#mustBeMe(log);
    const known = this.#options.live(remote.id) !== undefined;
    // Before the first message is taken in: what this account could read anywhere is readable here.
    const { forged } = await keys.learnBackups(remote.id);
    const room = await this.#keep({
      ...{ id: remote.id, name, secret, roster: log.entries, role: remote.role },
      ...(forged && { forged }),
    });
    if (!known) await room.announceDevice();
  }

  async #keep(room: {
    id: string;
    name: string;
    secret: Uint8Array;
    roster: readonly SignedEntry[];
    role: Row<'rooms'>['role'];
    forged?: boolean;
  }): Promise<LiveRoom> {
    const { store, locks } = this.#options.session;
    const fresh = {
      ...{ cursor: 0, readSeq: 0, before: false, activeAt: Date.now(), unread: 0 },
      kinds: [...contentKinds],
    };
    await locks.run('crypto', async () => {
      // Somebody who comes back has read the log up to where it ended for them; so has another tab that was first.
      const { gone: _, ...known } = (await store.get('rooms', room.id)) ?? { gone: undefined };
      const row = { ...fresh, ...known, ...room, secret: toBase64(room.secret), roster: [...room.roster] };
      await store.write([{ table: 'rooms', key: room.id, value: row }]);
    });
    this.#options.onKept(room.id);
    const started = await this.#options.start(room.id);
    started.want();
    return started;
  }
}
