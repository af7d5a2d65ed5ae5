import { randomBytes, randomUUID } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { S3Bucket, type S3Settings } from '../../worker/storage/s3.ts';
import { type Check, type Finding, fault, patience, type Subject, unseen, well } from './check.ts';

const names = ['S3_ENDPOINT', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;

interface Storage {
  readonly endpoint: string;
  readonly bucket: S3Bucket;
  /** Whether storage says that the object is deleted (the Worker's way, DeleteObjects, wants an MD5 that Node doesn't have). */
  remove(key: string): Promise<boolean>;
  readonly conditional: boolean;
}

/** The bucket, by the Worker's own signing; undefined where the settings aren't all here, or no address. */
function storageOf({ settings }: Subject): Storage | undefined {
  const [endpoint, id, secret] = names.map((name) => settings[name]);
  if (!endpoint || !id || !secret || addressFault(endpoint) !== undefined) return undefined;
  const given: S3Settings = {
    S3_ACCESS_KEY_ID: id,
    S3_SECRET_ACCESS_KEY: secret,
    S3_REGION: settings.S3_REGION || 'auto',
    ...(settings.S3_CONDITIONAL && { S3_CONDITIONAL: settings.S3_CONDITIONAL }),
  };
  const client = new AwsClient({
    accessKeyId: id,
    secretAccessKey: secret,
    region: given.S3_REGION,
    service: 's3',
    retries: 0,
  });
  return {
    endpoint,
    bucket: new S3Bucket(given, endpoint),
    remove: async (key) => (await client.fetch(`${endpoint}/${key}`, { method: 'DELETE' })).ok,
    conditional: settings.S3_CONDITIONAL !== 'off',
  };
}

function addressFault(endpoint: string): Finding | undefined {
  const url = URL.parse(endpoint);
  const loopback = url !== null && ['localhost', '127.0.0.1'].includes(url.hostname);
  if (url !== null && (url.protocol === 'https:' || loopback) && !endpoint.endsWith('/')) return undefined;
  return fault(
    'S3_ENDPOINT is no address of a bucket.',
    'It is https://, the S3 address, and the bucket’s name, without a slash at its end: https://<account id>.r2.cloudflarestorage.com/stream-chat-files.',
  );
}

/**
 * That the bucket takes a pre-signed PUT of a probe object, gives it back to who has an address and to nobody else, takes no second one
 * in its place, and lets it be deleted.
 */
export const storage: Check = {
  name: 'Storage',
  async run(subject) {
    const endpoint = subject.settings.S3_ENDPOINT;
    const wrong = endpoint ? addressFault(endpoint) : undefined;
    if (wrong) return [wrong];
    const store = storageOf(subject);
    if (store === undefined) return [unseen('The bucket’s settings are not all here to be tried.')];
    // Where the Worker's own objects lie: a key may be confined to it.
    const key = `files/${randomUUID()}/0`;
    try {
      return await probe(store, key);
    } catch {
      return [
        fault(
          'Storage does not answer at S3_ENDPOINT.',
          'Look whether its host is written right and can be reached from here.',
        ),
      ];
    } finally {
      await store.remove(key).catch(() => {});
    }
  },
};

async function probe({ bucket, remove, endpoint, conditional }: Storage, key: string): Promise<Finding[]> {
  const body = randomBytes(64);
  const door = await bucket.signPut(key, body.length);
  const put = await ask(door.url, { method: 'PUT', headers: door.headers, body });
  if (put.status !== 200) return [refusedPut(put)];
  const findings: Finding[] = [];
  const again = await ask((await bucket.signPut(key, body.length)).url, {
    method: 'PUT',
    headers: door.headers,
    body,
  });
  if (conditional && again.status !== 412)
    findings.push(
      fault(
        `Storage lets an object be put in place of another (it answered ${again.status} to if-none-match, not 412).`,
        'Set S3_CONDITIONAL=off if this storage can do no better; what follows from it stands in ops/storage.md.',
      ),
    );
  const got = await ask((await bucket.signGet(key)).url);
  if (got.status !== 200 || !got.bytes.equals(body))
    findings.push(
      fault(
        `Storage does not give back what was put there (${got.status} ${got.code}).`,
        'Give the access key the right to read objects (Object Read & Write).',
      ),
    );
  const open = await ask(`${endpoint}/${key}`);
  if (open.status === 200)
    findings.push(
      fault(
        'The bucket shows its objects to everybody.',
        'Take its public access away: on R2, neither a custom domain nor r2.dev.',
      ),
    );
  const removed = await remove(key);
  if (!removed || (await ask((await bucket.signGet(key)).url)).status !== 404)
    findings.push(
      fault(
        'The access key cannot delete: what people delete would stay.',
        'Give it the right to delete objects (Object Read & Write).',
      ),
    );
  return findings.length > 0
    ? findings
    : [well('A probe object was put, read, kept from others, and deleted.')];
}

/** By S3's own code for why. */
function refusedPut({ status, code }: { status: number; code: string }): Finding {
  const says = `Storage refuses a pre-signed PUT (${status} ${code}).`;
  switch (code) {
    case 'SignatureDoesNotMatch':
      return fault(
        says,
        'S3_SECRET_ACCESS_KEY or S3_REGION is not the bucket’s: copy the secret again, and set the region (R2’s is auto).',
      );
    case 'InvalidAccessKeyId':
    case 'Unauthorized':
    case 'XAdminUserNotFound': // versitygw
      return fault(says, 'S3_ACCESS_KEY_ID is not known there: copy it again, or make a new key.');
    case 'NoSuchBucket':
      return fault(says, 'The bucket that S3_ENDPOINT ends with is not there: make it, or mend the name.');
    case 'RequestTimeTooSkewed':
      return fault(says, 'This machine’s clock is wrong: set it.');
    default:
      return fault(
        says,
        'Give the access key the right to write objects of this bucket (Object Read & Write).',
      );
  }
}

/** What storage answers; undefined where it doesn't, which the check of storage itself names. */
const asked = (url: string, init: RequestInit): Promise<Response | undefined> =>
  fetch(url, { ...init, signal: AbortSignal.timeout(patience) }).catch(() => undefined);
const away = unseen('Storage does not answer, so this could not be tried.');

/** That browsers of the app's origin may talk to the bucket. */
export const cors: Check = {
  name: 'CORS',
  async run(subject) {
    const store = storageOf(subject);
    const { origin } = subject;
    if (store === undefined) return [unseen('The bucket’s settings are not all here to be tried.')];
    if (origin === undefined)
      return [
        unseen('Say which address people open, by --url=https://chat.example.org, to have this tried.'),
      ];
    const remedy = `Put ${origin} into ops/r2-cors.json (for other storage: ops/s3-cors.xml), and set it: npx wrangler r2 bucket cors set <bucket> --file ops/r2-cors.json.`;
    const wanted = [
      { method: 'PUT', header: 'if-none-match' },
      { method: 'GET', header: 'range' },
    ];
    const findings: Finding[] = [];
    for (const { method, header } of wanted) {
      const answer = await asked(`${store.endpoint}/files/${randomUUID()}/0`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': header,
        },
      });
      if (!answer) return [away];
      const { headers } = answer;
      const from = headers.get('access-control-allow-origin');
      const methods = headers.get('access-control-allow-methods') ?? '';
      const allowed = headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
      if (from !== '*' && from !== origin)
        return [
          fault(
            `The bucket takes no ${method} from pages of ${origin}, so files would fail in every browser.`,
            remedy,
          ),
        ];
      if (!methods.includes(method) || !(allowed.includes(header) || allowed.includes('*')))
        findings.push(fault(`The bucket takes no ${method} with ${header} from pages of ${origin}.`, remedy));
    }
    return findings.length > 0 ? findings : [well(`Pages of ${origin} may put and get.`)];
  },
};

/** Seconds by which this machine's clock may be off: signatures are void after 15 minutes, and addresses live five. */
const tolerance = 60;

/** That this machine's clock and storage's agree. */
export const clock: Check = {
  name: 'Clock',
  async run(subject) {
    const store = storageOf(subject);
    if (store === undefined)
      return [unseen('There is nobody to compare it with: the bucket’s settings are not all here.')];
    const answer = await asked(store.endpoint, { method: 'HEAD' });
    if (!answer) return [away];
    const date = Date.parse(answer.headers.get('date') ?? '');
    if (Number.isNaN(date)) return [unseen('Storage does not say what time it has.')];
    const off = Math.round((subject.now() - date) / 1000);
    if (Math.abs(off) <= tolerance) return [well('This machine and storage agree.')];
    return [
      fault(
        `This machine’s clock is ${Math.abs(off)} s ${off > 0 ? 'ahead of' : 'behind'} storage’s.`,
        'Have it set by the network (timedatectl set-ntp true), on the machine that is wrong.',
      ),
    ];
  },
};

async function ask(url: string, init?: RequestInit) {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patience) });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, bytes, code: /<Code>(\w+)<\/Code>/.exec(bytes.toString())?.[1] ?? '' };
}
