import * as z from 'zod/mini';

/** Every problem that the service can answer: its stable last path segment, status and title. */
export const problems = {
  'bad-request': [400, 'The request could not be understood'],
  'invalid-body': [400, 'The request does not fit its schema'],
  'wrong-credentials': [401, 'Email or password is wrong'],
  'wrong-password': [403, 'The password is wrong'],
  unauthenticated: [401, 'Sign in first'],
  'session-revoked': [401, 'This session has ended'],
  'not-a-member': [403, 'You are not a member of this room'],
  forbidden: [403, 'You may not do this'],
  'step-up-required': [403, 'Give your password again first'],
  'foreign-origin': [403, 'The request comes from another site'],
  'invite-invalid': [403, 'This invitation is not valid any more'],
  'ticket-invalid': [403, 'The ticket is spent or has expired'],
  'not-found': [404, 'There is nothing here'],
  'method-not-allowed': [405, 'This method is not offered here'],
  'email-taken': [409, 'There is an account with this email already'],
  conflict: [409, 'Somebody else was first'],
  'roster-conflict': [409, 'The room has changed: read its roster again'],
  'backup-full': [409, 'This room has as many key backups as an account may keep'],
  'quota-exceeded': [403, 'There is no room left for this'],
  incomplete: [409, 'Not everything has arrived yet'],
  'too-large': [413, 'This is too large'],
  'unsupported-media-type': [415, 'Send JSON'],
  'rate-limited': [429, 'Too many requests'],
  internal: [500, 'Something went wrong on our side'],
  unavailable: [503, 'Part of the service is away, try again'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemType = keyof typeof problems;

/** An RFC 9457 problem document. `type` is a path of the deployment's own origin. */
export const Problem = z.object({
  type: z.string().check(z.regex(/^\/problems\/[a-z-]+$/)),
  title: z.string(),
  status: z.int(),
  detail: z.optional(z.string()),
  /** This occurrence: `urn:uuid:` and the request's number, by which the operator finds it in the log. */
  instance: z.optional(z.string()),
  /** Where the body did not fit its schema: JSON pointers and sentences. */
  errors: z.optional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
  /** Seconds to wait, with `rate-limited`. */
  retryAfter: z.optional(z.int()),
  /** With `quota-exceeded`, in stored bytes: whose limit, what is in use without this file, and what it would take. */
  quota: z.optional(
    z.object({
      of: z.enum(['file', 'room', 'account']),
      limit: z.number(),
      used: z.number(),
      wanted: z.number(),
    }),
  ),
});
export type Problem = z.infer<typeof Problem>;

/** The document of problem `type`, with a `detail` for this occurrence (nothing secret). */
export function problem(
  type: ProblemType,
  detail?: string,
  extra: Pick<Problem, 'errors' | 'retryAfter' | 'quota' | 'instance'> = {},
): Problem {
  const [status, title] = problems[type];
  return { type: `/problems/${type}`, title, status, ...(detail === undefined ? {} : { detail }), ...extra };
}

/** The last segment of a problem's type, or `internal` for a type of another version. */
export function problemType(document: Problem): ProblemType {
  const name = document.type.slice('/problems/'.length);
  return name in problems ? (name as ProblemType) : 'internal';
}

/** The header by which every answer, and what the Worker asks of objects, says the request's number. */
export const requestHeader = 'x-request-id';
const urn = 'urn:uuid:';
/** A problem's `instance` for the request with this number (a UUID). */
export const instanceOf = (request: string): string => urn + request;
/** The number of the request that a problem's `instance` names; undefined where it names none. */
export const requestNumber = ({ instance }: Pick<Problem, 'instance'>): string | undefined =>
  instance?.startsWith(urn) ? instance.slice(urn.length) : undefined;
