import type { Frame } from '../../protocol/error-report.ts';

/** How long Sentry may take to answer, in milliseconds. */
const patience = 5_000;

/** An error as Sentry is told of it. What it may say is listed here; there is no field for a message, a person or an address. */
export interface Incident {
  /** The number by which the log has it, too: a UUID. */
  readonly number: string;
  readonly platform: 'web' | 'worker';
  readonly error: string;
  readonly frames: readonly Frame[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Where envelopes go, by a DSN `https://<key>@<host>/<project>`; undefined for what is none. */
export function envelopeAddress(dsn: string): { url: string; key: string } | undefined {
  if (!URL.canParse(dsn)) return undefined;
  const { protocol, host, hostname, username: key, pathname } = new URL(dsn);
  const [, path = '', project] = /^(\/.+)?\/(\d+)$/.exec(pathname) ?? [];
  const isSafe =
    protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(hostname));
  if (!isSafe || project === undefined || !/^\w{8,64}$/.test(key)) return undefined;
  return { url: `${protocol}//${host}${path}/api/${project}/envelope/`, key };
}

/**
 * Tells Sentry of `incident`, by its envelope endpoint (https://develop.sentry.dev/sdk/data-model/envelopes/), where SENTRY_DSN says which.
 * Its SDKs gather what is around an error and leave out what they are told to; here nothing is gathered. Never throws.
 */
export async function tellSentry(
  env: { readonly SENTRY_DSN?: string } | undefined,
  incident: Incident,
): Promise<void> {
  const to = env?.SENTRY_DSN ? envelopeAddress(env.SENTRY_DSN) : undefined;
  if (!to) return;
  const { number, platform, error, frames, tags } = incident;
  const id = number.replaceAll('-', '');
  const event = {
    event_id: id,
    timestamp: Date.now() / 1000,
    platform: 'javascript',
    level: 'error',
    logger: platform,
    // Not the address of who asked, which Sentry would otherwise take from the request.
    user: { ip_address: '0.0.0.0' },
    tags,
    exception: {
      values: [
        {
          type: error,
          stacktrace: {
            // The outermost first.
            frames: frames.toReversed().map(({ function: name = '?', file, line, column }) => ({
              function: name,
              filename: file,
              lineno: line,
              colno: column,
            })),
          },
        },
      ],
    },
  };
  const payload = JSON.stringify(event);
  const lines = [{ event_id: id }, { type: 'event', length: new TextEncoder().encode(payload).length }];
  await fetch(to.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-sentry-envelope',
      'x-sentry-auth': `Sentry sentry_version=7, sentry_client=stream-chat/1, sentry_key=${to.key}`,
    },
    body: `${lines.map((line) => JSON.stringify(line)).join('\n')}\n${payload}\n`,
    signal: AbortSignal.timeout(patience),
  }).then(
    (answer) => answer.body?.cancel(),
    () => undefined,
  );
}
