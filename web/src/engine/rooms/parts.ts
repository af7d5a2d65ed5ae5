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
  const membership = new Membership({
    session,
    room: row.id,
    secret: row.secret,
    onGrowth: room.rosterGrew,
  });
  const trust = new RoomTrust({
    session,
    room: row.id,
    membership: membership,
    onChange: room.render,
  });
  const outbox = new Outbox({
    session,
    room: row.id,
    roster: membership.log,
    transmit: (frame) => feed.transmit({ t: 'send', ...frame }),
    onChange: room.changed,
    onSealed: () => context.backups.soon(),
  });
  const uploads = new RoomUploads({
    session,
    room: row.id,
    members: () => trust.recipients(),
    announce: (content, messageId) => saying.file(content, messageId),
    lasts: () => room.row().lasts,
    onChange: room.show,
  });
  const files = new RoomFiles({
    session,
    room: row.id,
    onEnd: (fileId) => uploads.ended(fileId),
  });
  const invites = new Invites({
    session,
    room: row.id,
    secret: row.secret,
    membership: membership,
    origin: context.origin,
  });
  const requests = new Requests({
    session,
    room: row.id,
    secret: row.secret,
    membership: membership,
    invites: invites,
    origin: context.origin,
    name: () => room.row().name,
    onChange: room.show,
  });
  const call = new RoomCall({
    session,
    room: row.id,
    transmit: (frame) => feed.transmit(frame),
    isMember: (userId) => membership.isMember(userId),
    name: (userId) => membership.name(userId),
    inCall: context.inCall,
    onChange: room.show,
  });
  const watch = new RoomWatch({
    session,
    room: row.id,
    secret: row.secret,
    transmit: (frame) => feed.transmit(frame),
    data: call.data,
    identityOf: (userId) => membership.identityOf(userId),
    onChange: room.show,
  });
  const company = new Company({
    session,
    membership: membership,
    row: room.row,
    patch: room.patch,
    transmit: (frame) => feed.transmit(frame),
    onChange: room.show,
  });
  const window = new MessageWindow(() => session.store, row.id);
  const saying = new Saying({
    session,
    room: row.id,
    membership: membership,
    outbox: outbox,
    window: window,
    lasts: () => room.row().lasts,
    mustBeIn: room.mustBeIn,
    onSaid: () => context.bus.tell({ kind: 'room', id: row.id }),
  });
  const look = new RoomLook({
    session,
    membership: membership,
    saying: saying,
    row: room.row,
  });
  const profiles = new Profiles({
    session,
    membership: membership,
    saying: saying,
    row: room.row,
  });
  const draft = new RoomDraft({
    store: () => session.store,
    room: row.id,
    onKept: () => context.onChange(room.row()),
  });
  const feed = new RoomFeed({
    context,
    room: row.id,
    membership: membership,
    outbox: outbox,
    files: files,
    call: call,
    watch: watch,
    company: company,
    requests: requests,
    profiles: profiles,
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
