import type { Account } from '../durable-objects/account.ts';
import type { Chatroom } from '../durable-objects/chatroom.ts';
import type { Logs } from '../durable-objects/logs.ts';
import type { Metrics } from '../durable-objects/metrics.ts';
import type { RateLimit } from '../durable-objects/rate-limit.ts';
import type { ProblemType } from '../protocol/problem.ts';

/** What `wrangler.toml`, its secrets and the launcher give the Worker. */
export interface Env {
  readonly ROOMS: DurableObjectNamespace<Chatroom>;
  readonly ACCOUNTS: DurableObjectNamespace<Account>;
  readonly LIMITS: DurableObjectNamespace<RateLimit>;
  readonly METRICS: DurableObjectNamespace<Metrics>;
  /** What Prometheus shows to read `/metrics`; without it nobody reads. */
  readonly METRICS_TOKEN?: string;
  readonly LOGS: DurableObjectNamespace<Logs>;
  /** Whom the log is sealed to: an X25519 public key, 32 bytes of base64url. Without it warnings and errors are printed. */
  readonly LOG_PUBLIC_KEY?: string;
  /** Where errors are reported to, `https://<key>@<host>/<project>`; nowhere without it (`ops/sentry.ts`). */
  readonly SENTRY_DSN?: string;
  /** Days for which the sealed log is kept; 30 when absent. */
  readonly LOG_DAYS?: string;
  readonly FILES: R2Bucket;
  readonly DATABASE_URL: string;
  /** Where Neon's HTTP protocol is spoken, when that isn't Neon itself; empty in production. */
  readonly NEON_ENDPOINT?: string;
  /** Ed25519 private key as a JWK with `kid`, or a JSON array of them: the first signs, all verify. */
  readonly JWT_PRIVATE_JWK: string;
  /** What rooms stamp messages with, for reports (`protocol/franking.ts`): 32 bytes of base64url, or several by commas. */
  readonly FRANKING_KEY?: string;
  /** The bucket's S3 URL; a path is resolved against the origin of the request (on the laptop). */
  readonly S3_ENDPOINT: string;
  readonly S3_ACCESS_KEY_ID: string;
  readonly S3_SECRET_ACCESS_KEY: string;
  readonly S3_REGION: string;
  /** `off` for storage that refuses `If-None-Match` on a PUT (Backblaze B2). */
  readonly S3_CONDITIONAL?: string;
  /** The most that a file, all files of a room, and all that an account has sent may take: `500 MB`, `20 GiB` (`storage/quota.ts`). */
  readonly QUOTA_FILE?: string;
  readonly QUOTA_ROOM?: string;
  readonly QUOTA_ACCOUNT?: string;
  /** What account objects wake browsers with: see `AccountEnv`. */
  readonly VAPID_PRIVATE_JWK?: string;
  readonly VAPID_SUBJECT?: string;
  readonly PUSH_HOSTS?: string;
  /** Cloudflare Access in front of `/admin/*`: the team's address (https://<team>.cloudflareaccess.com) and the application's tag. */
  readonly ACCESS_ISSUER?: string;
  readonly ACCESS_AUDIENCE?: string;
  /** coturn: its URLs (`turn:` and `turns:`, by spaces) and its `static-auth-secret`. */
  readonly TURN_URLS?: string;
  readonly TURN_SECRET?: string;
  /** Cloudflare's TURN service instead: a key's id and its API token. */
  readonly TURN_CLOUDFLARE_KEY?: string;
  readonly TURN_CLOUDFLARE_TOKEN?: string;
  /** A LiveKit server (`wss:`) for calls of more than four, and the API key and secret that it knows us by. */
  readonly LIVEKIT_URL?: string;
  readonly LIVEKIT_KEY?: string;
  readonly LIVEKIT_SECRET?: string;
  /** Sign-ins and registrations a minute from one address, for measurements; 30 when absent. */
  readonly LIMIT_PER_ADDRESS?: string;
}

/** Who is asking, by a valid access token. */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
}

/** The types of every Hono context of this Worker. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    /** The request's number (`ops/requests.ts`). */
    request: string;
    /** The type of the problem that is answered, and who asked, for metrics and logs. */
    problem?: ProblemType;
    caller?: Caller;
  };
}
