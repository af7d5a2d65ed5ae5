import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Finding } from '../../protocol/franking.ts';
import type { Receipt, ReportReason } from '../../protocol/rest/index.ts';

/**
 * The tables (DESIGN section 10). Ciphertext, keys, hashes and signatures are unpadded base64url text, as they travel.
 * `chatrooms`, `roster_entries`, `chatroom_members` and `messages` are projections that each room's object writes
 * through its outbox, in whatever order they get through: nothing there refers to another table.
 */

/** An instant, to the millisecond like JavaScript's, so that a cursor made of it finds its row again. */
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
const createdAt = () => instant('created_at').notNull().defaultNow();

/** The user of a device address `userId:deviceId`; queries must write it just so to be served by its index. */
export const recipientUser = (recipient: AnyPgColumn) => sql`left(${recipient}, 36)`;

export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    email: text('email').notNull().unique(),
    /** Identity key as Signal writes it: 05 ‖ u. */
    publicKey: text('public_key').notNull(),
    createdAt: createdAt(),
    passwordHash: text('password_hash').notNull(),
    wrappedSecret: text('wrapped_secret').notNull(),
    sealedProfile: text('sealed_profile'),
    /** Where there is a recovery code: a hash like `passwordHash`, and the account secret under a key of the code. */
    recoveryHash: text('recovery_hash'),
    recoverySecret: text('recovery_secret'),
    role: text('role', { enum: ['user', 'moderator', 'admin'] })
      .notNull()
      .default('user'),
    status: text('status', { enum: ['active', 'suspended'] })
      .notNull()
      .default('active'),
    /** The receipt of an account that its owner has deleted; the row goes as soon as nothing hangs on it (`sweep/accounts.ts`). */
    deletion: jsonb('deletion').$type<Receipt>(),
  },
  (table) => [
    index('users_deleted').on(table.id).where(sql`${table.deletion} is not null`),
    check('users_role', sql`${table.role} in ('user', 'moderator', 'admin')`),
    check('users_status', sql`${table.status} in ('active', 'suspended')`),
  ],
);

/** What opens an account by WebAuthn. */
export const passkeys = pgTable(
  'passkeys',
  {
    /** The credential's id, by which authenticators know it. */
    id: text('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** SubjectPublicKeyInfo, and its algorithm by COSE number. */
    publicKey: text('public_key').notNull(),
    algorithm: integer('algorithm').notNull(),
    /** How often it has signed, by its own count; 0 for those that don't count. */
    signCount: bigint('sign_count', { mode: 'number' }).notNull(),
    sealedName: text('sealed_name').notNull(),
    /** The account secret, sealed under a key that only this passkey gives. */
    wrappedSecret: text('wrapped_secret').notNull(),
    createdAt: createdAt(),
    usedAt: instant('used_at'),
  },
  (table) => [index('passkeys_user').on(table.userId)],
);

/** A family of refresh tokens: one sign-in. Revocation stands here alone, so no token that is being made escapes it. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: createdAt(),
    usedAt: instant('used_at').notNull().defaultNow(),
    /** The device that spoke for its keys in this session last; whoever revokes the device ends the session. */
    deviceId: smallint('device_id'),
    /** Until when it may moderate: the password was given once more. */
    elevatedUntil: instant('elevated_until'),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (table) => [
    index('sessions_user').on(table.userId),
    index('sessions_expiry').on(table.expiresAt),
    index('sessions_revoked').on(table.revokedAt).where(sql`${table.revokedAt} is not null`),
  ],
);

export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    id: uuid('id').primaryKey(),
    family: uuid('family')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    /** SHA-256 of the token. */
    tokenHash: text('token_hash').notNull().unique(),
    createdAt: createdAt(),
    expiresAt: instant('expires_at').notNull(),
    /** When it was exchanged, and for which token. */
    usedAt: instant('used_at'),
    successor: uuid('successor'),
  },
  (table) => [
    index('refresh_tokens_family').on(table.family),
    index('refresh_tokens_expiry').on(table.expiresAt),
  ],
);

/** A signed prekey of either kind as clients publish it. */
export interface StoredPreKey {
  readonly id: number;
  readonly publicKey: string;
  readonly signature: string;
}

export const devices = pgTable(
  'devices',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    id: smallint('id').notNull(),
    registrationId: integer('registration_id').notNull(),
    signedPreKey: jsonb('signed_prekey').$type<StoredPreKey>().notNull(),
    /** Last-resort Kyber key. */
    kyberPreKey: jsonb('kyber_prekey').$type<StoredPreKey>(),
    /** What its owner calls it, sealed under the account's vault key. */
    sealedName: text('sealed_name'),
    createdAt: createdAt(),
    lastSeen: instant('last_seen').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.id] })],
);

/** The newest device list of each account: the exact bytes that its identity key signed. */
export const deviceLists = pgTable('device_lists', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  version: integer('version').notNull(),
  body: text('body').notNull(),
  signature: text('signature').notNull(),
});

export const oneTimePreKeys = pgTable(
  'one_time_prekeys',
  {
    userId: uuid('user_id').notNull(),
    deviceId: smallint('device_id').notNull(),
    kind: text('kind', { enum: ['ec', 'kyber'] }).notNull(),
    keyId: integer('key_id').notNull(),
    publicKey: text('public_key').notNull(),
    /** Kyber keys are signed, the others are not. */
    signature: text('signature'),
    /** A spent key leaves its number behind for a while, so that a repeated upload does not bring it back. */
    handedOutAt: instant('handed_out_at'),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.deviceId, table.kind, table.keyId] }),
    foreignKey({
      name: 'one_time_prekeys_device',
      columns: [table.userId, table.deviceId],
      foreignColumns: [devices.userId, devices.id],
    }).onDelete('cascade'),
    index('one_time_prekeys_left')
      .on(table.userId, table.deviceId, table.kind, table.keyId)
      .where(sql`${table.handedOutAt} is null`),
    index('one_time_prekeys_spent').on(table.handedOutAt).where(sql`${table.handedOutAt} is not null`),
    check('one_time_prekeys_kind', sql`${table.kind} in ('ec', 'kyber')`),
  ],
);

/**
 * Sender chains that an account has sealed for its other devices. They outlive leaving a room: who comes back reads what
 * was said while they were in it. A deleted room takes its own with it.
 */
export const chainBackups = pgTable(
  'chain_backups',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    chatroomId: uuid('chatroom_id').notNull(),
    /** A keyed hash: it tells nothing but whether it is the same chain. */
    id: text('id').notNull(),
    sealed: text('sealed').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.chatroomId, table.id] }),
    index('chain_backups_chatroom').on(table.chatroomId),
  ],
);

export const chatrooms = pgTable('chatrooms', {
  id: uuid('id').primaryKey(),
  /** Sealed under the room secret. */
  name: text('name').notNull(),
  ownerId: uuid('owner_id').notNull(),
  createdAt: createdAt(),
});

export const rosterEntries = pgTable(
  'roster_entries',
  {
    chatroomId: uuid('chatroom_id').notNull(),
    seq: integer('seq').notNull(),
    body: text('body').notNull(),
    signature: text('signature').notNull(),
    inviteSignature: text('invite_signature'),
  },
  (table) => [primaryKey({ columns: [table.chatroomId, table.seq] })],
);

export const chatroomMembers = pgTable(
  'chatroom_members',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    chatroomId: uuid('chatroom_id').notNull(),
    userId: uuid('user_id').notNull(),
    role: text('role', { enum: ['owner', 'admin', 'member'] }).notNull(),
    joinedAt: instant('joined_at').notNull(),
    /** The room secret, sealed under the member's own vault key. */
    sealedKey: text('sealed_key').notNull(),
  },
  (table) => [
    unique('chatroom_members_once').on(table.chatroomId, table.userId),
    index('chatroom_members_user').on(table.userId, table.joinedAt, table.chatroomId),
    check('chatroom_members_role', sql`${table.role} in ('owner', 'admin', 'member')`),
  ],
);

export const messages = pgTable(
  'messages',
  {
    chatroomId: uuid('chatroom_id').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    id: uuid('id').notNull(),
    senderId: uuid('sender_id').notNull(),
    device: smallint('device').notNull(),
    cipherText: text('cipher_text').notNull(),
    /** `userId:deviceId` of a to-device payload. */
    recipient: text('recipient'),
    /** Franking commitment. */
    commitment: text('commitment'),
    /** The room's own word on sender, place, time and commitment (`protocol/franking.ts`). */
    stamp: text('stamp'),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at'),
  },
  (table) => [
    primaryKey({ columns: [table.chatroomId, table.seq] }),
    unique('messages_once').on(table.chatroomId, table.id),
    index('messages_expiry').on(table.expiresAt).where(sql`${table.expiresAt} is not null`),
    // A room's log as one member sees it is two: what is everybody's, and what is to their devices (`archivedMessages`).
    index('messages_shared').on(table.chatroomId, table.seq).where(sql`${table.recipient} is null`),
    index('messages_direct')
      .on(table.chatroomId, recipientUser(table.recipient), table.seq)
      .where(sql`${table.recipient} is not null`),
    index('messages_sender').on(table.senderId, table.chatroomId, table.seq),
  ],
);

export const files = pgTable(
  'files',
  {
    id: uuid('id').primaryKey(),
    uploaderId: uuid('uploader_id')
      .notNull()
      .references(() => users.id),
    chatroomId: uuid('chatroom_id').notNull(),
    /** The sealed manifest head. */
    fileName: text('file_name').notNull(),
    /** Key prefix of its objects: `files/<id>`. */
    storagePath: text('storage_path').notNull(),
    /** The file key as wrapped to the uploader. */
    encryptedKey: text('encrypted_key').notNull(),
    expiry: instant('expiry'),
    createdAt: createdAt(),
    state: text('state', { enum: ['uploading', 'complete', 'deleted'] })
      .notNull()
      .default('uploading'),
    /** Stored bytes of each object, once complete. */
    sizes: integer('sizes').array().notNull().default(sql`'{}'`),
    /** Stored bytes that it will have in all, as its uploader said; and those that PUTs were signed for. */
    declared: bigint('declared', { mode: 'number' }).notNull().default(0),
    signed: bigint('signed', { mode: 'number' }).notNull().default(0),
    /** The row outlives a deletion until no signed PUT can bring an object back. */
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    index('files_chatroom').on(table.chatroomId),
    index('files_uploader').on(table.uploaderId, table.id),
    index('files_expiry').on(table.expiry).where(sql`${table.expiry} is not null`),
    index('files_uploading').on(table.createdAt).where(sql`${table.state} = 'uploading'`),
    index('files_deleted').on(table.deletedAt).where(sql`${table.deletedAt} is not null`),
    check('files_state', sql`${table.state} in ('uploading', 'complete', 'deleted')`),
  ],
);

/** The file key as wrapped to each member but the uploader. */
export const fileKeys = pgTable(
  'file_keys',
  {
    fileId: uuid('file_id')
      .notNull()
      .references(() => files.id, { onDelete: 'cascade' }),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    encryptedKey: text('encrypted_key').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.fileId, table.userId] }),
    index('file_keys_user').on(table.userId, table.fileId),
  ],
);

/** The growing tail of a file's manifest, sealed. */
export const fileDeltas = pgTable(
  'file_deltas',
  {
    fileId: uuid('file_id')
      .notNull()
      .references(() => files.id, { onDelete: 'cascade' }),
    n: integer('n').notNull(),
    sealed: text('sealed').notNull(),
  },
  (table) => [primaryKey({ columns: [table.fileId, table.n] })],
);

/** What somebody has reported, with the evidence and what was decided. */
export const reports = pgTable(
  'reports',
  {
    id: uuid('id').primaryKey(),
    /** Empty once that account is gone. */
    reporterId: uuid('reporter_id').references(() => users.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
    reason: text('reason').$type<ReportReason>().notNull(),
    note: text('note'),
    chatroomId: uuid('chatroom_id').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    evidence: text('evidence', { enum: ['verified', 'unverifiable', 'false'] }).notNull(),
    /** Why it is false. */
    finding: text('finding').$type<Finding>(),
    /** By the room's own word; empty where it has none. */
    senderId: uuid('sender_id'),
    sentAt: instant('sent_at'),
    /** What was revealed: plaintext, and of a file its key. Goes when the report is old. */
    envelope: text('envelope'),
    fileId: uuid('file_id'),
    fileKey: text('file_key'),
    state: text('state', { enum: ['open', 'claimed', 'closed'] })
      .notNull()
      .default('open'),
    claimedBy: uuid('claimed_by'),
    verdict: text('verdict', { enum: ['upheld', 'dismissed'] }),
    verdictNote: text('verdict_note'),
    closedAt: instant('closed_at'),
  },
  (table) => [
    unique('reports_once').on(table.reporterId, table.chatroomId, table.seq),
    index('reports_queue').on(table.state, table.createdAt, table.id),
    index('reports_created').on(table.createdAt, table.id),
    index('reports_sender').on(table.senderId),
    index('reports_chatroom').on(table.chatroomId),
    index('reports_closed').on(table.closedAt).where(sql`${table.envelope} is not null`),
    check('reports_state', sql`${table.state} in ('open', 'claimed', 'closed')`),
  ],
);

/**
 * Who has done what with the powers of a moderator. Rows are added and never changed (a trigger refuses); each is chained to the one
 * before by its hash.
 */
export const auditLog = pgTable('audit_log', {
  seq: bigint('seq', { mode: 'number' }).primaryKey(),
  /** JSON, exactly as it was hashed. */
  entry: text('entry').notNull(),
  hash: text('hash').notNull(),
});

/** SHA-256 of first objects that no upload may complete with. */
export const blockedHashes = pgTable('blocked_hashes', {
  hash: text('hash').primaryKey(),
  createdAt: createdAt(),
  reason: text('reason').notNull(),
  fileId: uuid('file_id'),
});

/** How far a part of the sweep has come that takes several runs to go through everything once. */
export const sweepMarks = pgTable('sweep_marks', {
  part: text('part').primaryKey(),
  mark: text('mark').notNull(),
});
