import type { ClientFrame } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { RoomCall } from '../calls/call.ts';
import { RoomWatch } from '../cowatch/room-watch.ts';
import type { Subject } from '../observable.ts';
import type { Bus } from '../store/bus.ts';
import type { Row } from '../store/store.ts';
import type { RoomView } from '../types.ts';
import type { BackupUpload } from './backup-upload.ts';
import { Company } from './company.ts';
import { RoomDraft } from './draft.ts';
import { RoomFeed } from './feed.ts';
import { RoomFiles } from './files.ts';
import { Invites } from './invites.ts';
import { RoomLook } from './look.ts';
import { Membership } from './membership.ts';
import { MessageWindow } from './message-window.ts';
import { Outbox } from './outbox.ts';
import { Profiles } from './profiles.ts';
import { Requests } from './requests.ts';
import { Saying } from './saying.ts';
import type { SocketPool } from './socket-pool.ts';
import { RoomTrust } from './trust.ts';
import { RoomUploads } from './uploads.ts';

export interface RoomContext {
  readonly session: Session;
  readonly bus: Bus;
  readonly backups: BackupUpload;
  readonly origin: string;
  readonly sockets: SocketPool;
  /** The room in whose call this tab is. */
  readonly inCall: Subject<string | undefined>;
  /** The stored room changed: the list of rooms shows it. */
  readonly onChange: (row: Row<'rooms'>) => void;
  /** Somebody was verified, or is not any more: that holds in every room. */
  readonly onTrust: () => Promise<void>;
}

/** What the parts of a room need of it. */
export interface RoomHooks {
  readonly row: () => Row<'rooms'>;
  readonly patch: (change: (row: Row<'rooms'>) => Row<'rooms'> | Promise<Row<'rooms'>>) => Promise<void>;
  /** The store may have changed. */
  readonly changed: () => Promise<void>;
  readonly render: () => Promise<void>;
  /** The same in the background. */
  readonly show: () => void;
  readonly rosterGrew: () => Promise<void>;
  /** Throws EngineError `gone` where the room is over for this person. */
  readonly mustBeIn: () => void;
  readonly over: (reason: NonNullable<RoomView['gone']>) => Promise<void>;
}

export type RoomParts = ReturnType<typeof makeParts>;

/** Makes what a room consists of, each part knowing those that it needs. */
export function makeParts(context: RoomContext, row: Row<'rooms'>, room: RoomHooks) {
  const { session } = context;
  const here = { session, room: row.id };
  const transmit = (frame: ClientFrame) => feed.transmit(frame);
  const membership = new Membership({
    ...here,
    secret: row.secret,
    onGrowth: room.rosterGrew,
  });
  const trust = new RoomTrust({
    ...here,
    membership,
    onChange: room.render,
  });
  const outbox = new Outbox({
    ...here,
    roster: membership.log,
    transmit: (frame) => feed.transmit({ t: 'send', ...frame }),
    onChange: room.changed,
    onSealed: () => context.backups.soon(),
  });
  const uploads = new RoomUploads({
    ...here,
    members: () => trust.recipients(),
    announce: (content, messageId) => saying.file(content, messageId),
    lasts: () => room.row().lasts,
    onChange: room.show,
  });
  const files = new RoomFiles({
    ...here,
    onEnd: (fileId) => uploads.ended(fileId),
  });
  const inviting = { ...here, secret: row.secret, membership, origin: context.origin };
  const invites = new Invites(inviting);
  const requests = new Requests({
    ...inviting,
    invites,
    name: () => room.row().name,
    onChange: room.show,
  });
  const call = new RoomCall({
    ...here,
    transmit,
    isMember: (userId) => membership.isMember(userId),
    name: (userId) => membership.name(userId),
    inCall: context.inCall,
    onChange: room.show,
  });
  const watch = new RoomWatch({
    ...here,
    secret: row.secret,
    transmit,
    data: call.data,
    identityOf: (userId) => membership.identityOf(userId),
    onChange: room.show,
  });
  const window = new MessageWindow(() => session.store, row.id);
  const company = new Company({
    session,
    membership,
    row: room.row,
    patch: room.patch,
    shown: () => window.messages.at(-1)?.seq ?? 0,
    transmit,
    onChange: room.show,
  });
  const saying = new Saying({
    ...here,
    membership,
    outbox,
    window,
    lasts: () => room.row().lasts,
    mustBeIn: room.mustBeIn,
    onSaid: () => context.bus.tell({ kind: 'room', id: row.id }),
  });
  const telling = { session, membership, saying, row: room.row };
  const look = new RoomLook(telling);
  const profiles = new Profiles(telling);
  const draft = new RoomDraft({
    store: () => session.store,
    room: row.id,
    onKept: () => context.onChange(room.row()),
  });
  const feed = new RoomFeed({
    context,
    room: row.id,
    membership,
    outbox,
    files,
    call,
    watch,
    company,
    requests,
    profiles,
    row: room.row,
    patch: room.patch,
    changed: room.changed,
    over: room.over,
    onState: room.show,
  });
  return {
    membership,
    trust,
    outbox,
    uploads,
    files,
    invites,
    requests,
    call,
    watch,
    company,
    window,
    saying,
    look,
    profiles,
    draft,
    feed,
  };
}
