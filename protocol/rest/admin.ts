import * as z from 'zod/mini';
import { findings } from '../franking.ts';
import { bytes, Cursor, Email, Hash, Instant, integer, queryInteger, Uuid } from '../scalars.ts';
import { FileDelta } from '../socket.ts';
import { getServiceCounts } from './admin-health.ts';
import { FileKey, Note, ReportReason, Revealed } from './reports.ts';
import { route } from './route.ts';

/** Whoever asks must be a moderator or an admin, by the account's row, and must have given their password to this session lately. */
const refusals = ['forbidden', 'step-up-required', 'session-revoked'] as const;
const params = z.strictObject({ id: Uuid });
const page = { cursor: z.optional(Cursor), limit: z._default(queryInteger(1, 100), 50) };
const listOf = <S extends z.ZodMiniType>(items: S) =>
  z.object({ items: z.array(items), next: z.nullable(Cursor) });
/** Why something is done; it stands in the audit log. */
const Why = Note.check(z.minLength(1));

export const UserRole = z.enum(['user', 'moderator', 'admin']);
export type UserRole = z.infer<typeof UserRole>;
export const UserStatus = z.enum(['active', 'suspended']);

export const stepUp = route({
  method: 'POST',
  path: '/admin/step-up',
  summary: 'Give the password once more: this session may moderate for half an hour',
  auth: true,
  body: z.strictObject({ password: bytes(32) }),
  status: 200,
  reply: z.object({ role: z.enum(['moderator', 'admin']), until: Instant }),
  problems: ['forbidden', 'wrong-password', 'rate-limited', 'session-revoked'],
});

export const Evidence = z.enum(['verified', 'unverifiable', 'false']);
export type Evidence = z.infer<typeof Evidence>;
export const ReportState = z.enum(['open', 'claimed', 'closed']);
export const ReportVerdict = z.enum(['upheld', 'dismissed']);

export const ReportView = z.object({
  id: Uuid,
  state: ReportState,
  reason: ReportReason,
  note: z.nullable(z.string()),
  createdAt: Instant,
  /** Null once that account is deleted. */
  reporterId: z.nullable(Uuid),
  chatroomId: Uuid,
  seq: integer(1),
  evidence: Evidence,
  /** Why the evidence is false. */
  finding: z.nullable(z.enum(findings)),
  /** By the room's own word; null where the room does not have the message any more. */
  senderId: z.nullable(Uuid),
  sentAt: z.nullable(Instant),
  /** What the reporter revealed; null once the report is forgotten (ops/retention.md). */
  envelope: z.nullable(Revealed),
  fileId: z.nullable(Uuid),
  fileKey: z.nullable(FileKey),
  claimedBy: z.nullable(Uuid),
  verdict: z.nullable(ReportVerdict),
  verdictNote: z.nullable(z.string()),
  closedAt: z.nullable(Instant),
});
export type ReportView = z.infer<typeof ReportView>;

export const listReports = route({
  method: 'GET',
  path: '/admin/reports',
  summary: 'Reports, the oldest first',
  auth: true,
  query: z.strictObject({
    ...page,
    state: z.optional(ReportState),
    evidence: z.optional(Evidence),
  }),
  status: 200,
  reply: listOf(ReportView),
  problems: refusals,
});

export const patchReport = route({
  method: 'PATCH',
  path: '/admin/reports/:id',
  summary: 'Claim a report, let go of it, or decide on it; a claimed one only by who claimed it, or an admin',
  auth: true,
  params,
  body: z.strictObject({
    state: ReportState,
    /** With `closed`, and only then. */
    verdict: z.optional(ReportVerdict),
    note: z.optional(Why),
  }),
  status: 200,
  reply: ReportView,
  problems: [...refusals, 'not-found', 'conflict'],
});

export const getReportedFile = route({
  method: 'GET',
  path: '/admin/reports/:id/file',
  summary: "A reported file's sealed manifest and pre-signed GETs; its key is in the report",
  auth: true,
  params,
  query: z.strictObject({
    from: z._default(queryInteger(0, 100_000), 0),
    count: z._default(queryInteger(0, 64), 0),
    deltas: z._default(queryInteger(0, 100_001), 0),
  }),
  status: 200,
  reply: z.object({
    fileName: bytes(28, 65_536),
    state: z.enum(['uploading', 'complete']),
    deltas: z.array(FileDelta),
    objects: z.array(z.object({ index: integer(0), url: z.string(), expiresAt: Instant })),
  }),
  problems: [...refusals, 'not-found'],
});

export const AdminFile = z.object({
  id: Uuid,
  uploaderId: Uuid,
  chatroomId: Uuid,
  state: z.enum(['uploading', 'complete', 'deleted']),
  /** Stored bytes. */
  size: integer(0),
  createdAt: Instant,
});
export type AdminFile = z.infer<typeof AdminFile>;

export const listFiles = route({
  method: 'GET',
  path: '/admin/files',
  summary: 'Files, the newest first: who, where, when and how large, nothing of what is in them',
  auth: true,
  query: z.strictObject({ ...page, uploader: z.optional(Uuid), room: z.optional(Uuid) }),
  status: 200,
  reply: listOf(AdminFile),
  problems: refusals,
});

export const takeDownFile = route({
  method: 'DELETE',
  path: '/admin/files/:id',
  summary: 'Take a file down: its keys, manifest and objects go, and its first object’s hash is blocked',
  auth: true,
  params,
  body: z.strictObject({ reason: Why }),
  status: 204,
  problems: [...refusals, 'not-found'],
});

export const AdminUser = z.object({
  id: Uuid,
  email: z.string(),
  role: UserRole,
  status: UserStatus,
  createdAt: Instant,
  devices: integer(0),
  rooms: integer(0),
  /** Reports of what they sent whose evidence is verified. */
  reports: integer(0),
});
export type AdminUser = z.infer<typeof AdminUser>;

export const listUsers = route({
  method: 'GET',
  path: '/admin/users',
  summary: 'Accounts, the newest first, or the one of an email or id',
  auth: true,
  query: z.strictObject({
    ...page,
    email: z.optional(Email),
    id: z.optional(Uuid),
    status: z.optional(UserStatus),
    role: z.optional(UserRole),
  }),
  status: 200,
  reply: listOf(AdminUser),
  problems: refusals,
});

export const patchUser = route({
  method: 'PATCH',
  path: '/admin/users/:id',
  summary:
    'Suspend or reinstate an account, or (admins alone) change its role; sessions and sockets of a suspended one end at once',
  auth: true,
  params,
  body: z.strictObject({
    status: z.optional(UserStatus),
    role: z.optional(UserRole),
    reason: Why,
  }),
  status: 200,
  reply: AdminUser,
  problems: [...refusals, 'not-found'],
});

export const AdminRoom = z.object({
  id: Uuid,
  ownerId: Uuid,
  createdAt: Instant,
  members: integer(0),
  messages: integer(0),
  files: integer(0),
  reports: integer(0),
});
export type AdminRoom = z.infer<typeof AdminRoom>;

export const listAllRooms = route({
  method: 'GET',
  path: '/admin/rooms',
  summary: 'Rooms, the newest first: numbers alone',
  auth: true,
  query: z.strictObject({ ...page, id: z.optional(Uuid) }),
  status: 200,
  reply: listOf(AdminRoom),
  problems: refusals,
});

export const AuditRecord = z.object({
  /** From 1, without a gap. */
  seq: integer(1),
  /** The exact text that is hashed: JSON of when, who, what, on what, and why. */
  entry: z.string(),
  /** SHA-256 of the hash before (64 zeros at first), a newline and the entry; hexadecimal. */
  hash: z.string(),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

export const listAudit = route({
  method: 'GET',
  path: '/admin/audit',
  summary: 'The audit log from an entry on, in order, to be verified by whoever reads it (admins)',
  auth: true,
  query: z.strictObject({
    after: z._default(queryInteger(0), 0),
    limit: z._default(queryInteger(1, 500), 200),
  }),
  status: 200,
  reply: z.object({ items: z.array(AuditRecord), last: integer(0) }),
  problems: refusals,
});

export const BlockedHash = z.object({
  hash: Hash,
  createdAt: Instant,
  reason: z.string(),
  fileId: z.nullable(Uuid),
});
export type BlockedHash = z.infer<typeof BlockedHash>;

export const listBlocked = route({
  method: 'GET',
  path: '/admin/blocked',
  summary: 'Hashes of first objects that no upload may complete with, the newest first',
  auth: true,
  query: z.strictObject(page),
  status: 200,
  reply: listOf(BlockedHash),
  problems: refusals,
});

export const block = route({
  method: 'POST',
  path: '/admin/blocked',
  summary: 'Block the SHA-256 of a first object (admins)',
  auth: true,
  body: z.strictObject({ hash: Hash, reason: Why }),
  status: 204,
  problems: refusals,
});

export const unblock = route({
  method: 'DELETE',
  path: '/admin/blocked/:hash',
  summary: 'Block it no more (admins)',
  auth: true,
  params: z.strictObject({ hash: Hash }),
  body: z.strictObject({ reason: Why }),
  status: 204,
  problems: [...refusals, 'not-found'],
});

/** What moderators and admins do, by name. Apart from `routes`, which every client loads. */
export const adminRoutes = {
  stepUp,
  listReports,
  patchReport,
  getReportedFile,
  listFiles,
  takeDownFile,
  listUsers,
  patchUser,
  listAllRooms,
  listAudit,
  listBlocked,
  block,
  unblock,
  getServiceCounts,
} as const;
export type AdminRoutes = typeof adminRoutes;
