// What a deployed Worker is given beside wrangler.toml, all of it secret.

/** What it can't do without. */
export const required = {
  DATABASE_URL: 'the address of the PostgreSQL database (postgresql://…), from Neon',
  JWT_PRIVATE_JWK: 'the key that signs sessions',
  VAPID_PRIVATE_JWK: 'the key that signs wake-ups towards push services',
  FRANKING_KEY: 'the key that rooms stamp messages with, for reports',
  S3_ENDPOINT: "the bucket's S3 address, https://<account>.r2.cloudflarestorage.com/stream-chat-files",
  S3_ACCESS_KEY_ID: 'an access key of the bucket',
  S3_SECRET_ACCESS_KEY: "that access key's secret",
} as const;

/** What goes together: all of a group, or nothing. */
export const optionalGroups = {
  'A relay for calls by coturn': ['TURN_URLS', 'TURN_SECRET'],
  'A relay for calls by Cloudflare': ['TURN_CLOUDFLARE_KEY', 'TURN_CLOUDFLARE_TOKEN'],
  'The SFU for large calls': ['LIVEKIT_URL', 'LIVEKIT_KEY', 'LIVEKIT_SECRET'],
  'Cloudflare Access, which lets nobody moderate until it is whole,': ['ACCESS_ISSUER', 'ACCESS_AUDIENCE'],
} as const;

export const requiredNames = Object.keys(required) as (keyof typeof required)[];

/** Every name that a deployment may set. */
export const settingNames: readonly string[] = [
  ...requiredNames,
  ...Object.values(optionalGroups).flat(),
  ...['VAPID_SUBJECT', 'METRICS_TOKEN', 'LOG_PUBLIC_KEY', 'LOG_DAYS', 'SENTRY_DSN'],
];
