// What a build of the web app consists of, and whether a live site serves the same.
import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

/**
 * Where the manifest lies, beside the app. Not below `/.well-known/`: names there are registered (RFC 8615), and this one means
 * nothing to anybody but us; some static hosts leave out folders that begin with a dot.
 */
export const manifestName = 'build.json';

/** Addresses and the SHA-256 of what is there, in hex as sha256sum prints it. */
export const BuildManifest = z.strictObject({
  version: z.literal(1),
  files: z.record(z.string(), z.string().check(z.regex(/^[0-9a-f]{64}$/))),
});
export type BuildManifest = z.infer<typeof BuildManifest>;

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Files that are served, by their addresses, pages without their ending; `_headers` is a setting, and the manifest can't name itself. */
export function filesOf(directory: string): Map<string, string> {
  const names = globSync('**/*', { cwd: directory, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(directory.length).replaceAll('\\', '/').replace(/^\//, ''),
    )
    .filter((name) => name !== manifestName && !name.startsWith('_'))
    .sort();
  return new Map(names.map((name) => [`/${name.replace(/(^|\/)index\.html$|\.html$/, '')}`, name]));
}

/** Writes the manifest of the build in `directory` beside it. The same build gives the same bytes. */
export function writeBuildManifest(directory: string): void {
  const files = [...filesOf(directory)].map(([address, name]) => [
    address,
    sha256(readFileSync(join(directory, name))),
  ]);
  const manifest = { version: 1, files: Object.fromEntries(files) };
  writeFileSync(join(directory, manifestName), `${JSON.stringify(manifest, null, 1)}\n`);
}

/**
 * Compares every file of the build in `directory`, and the policy that pages come with, with what `origin` serves. Answers with
 * sentences about what differs; none where all is the same.
 *
 * @param storage the origin of another storage than R2, which the policy names in its place (servers of one's own)
 * @throws Error when the site does not answer
 */
export async function differences(directory: string, origin: string, storage?: string): Promise<string[]> {
  const ours = BuildManifest.parse(JSON.parse(readFileSync(join(directory, manifestName), 'utf8')));
  const found: string[] = [];
  for (const [address, wanted] of Object.entries(ours.files)) {
    const answer = await get(origin, address);
    if (answer.status !== 200) found.push(`${address} is missing (${answer.status}).`);
    else if (sha256(answer.body) !== wanted) found.push(`${address} is not what this checkout builds.`);
  }
  // Every address of the app is the same page: none may be an exception.
  const deep = await get(origin, '/r/00000000-0000-4000-8000-000000000000');
  if (sha256(deep.body) !== ours.files['/']) found.push('The page of a room is not the page of the app.');
  const { headers } = await get(origin, '/');
  const policy = policyIn(readFileSync(join(directory, '_headers'), 'utf8'))?.replace(
    'https://*.r2.cloudflarestorage.com',
    (r2) => storage ?? r2,
  );
  if (headers.get('content-security-policy') !== policy)
    found.push('The Content-Security-Policy is not the one in web/public/_headers.');
  return [...found, ...(await foreign(origin, ours))];
}

/** What the site's own manifest names, and ours doesn't: another version, or a file put beside the app. */
async function foreign(origin: string, ours: BuildManifest): Promise<string[]> {
  const { status, body } = await get(origin, `/${manifestName}`);
  const theirs = BuildManifest.safeParse(status === 200 ? parse(body) : undefined);
  if (!theirs.success) return [`/${manifestName} is missing, or no manifest.`];
  return Object.keys(theirs.data.files)
    .filter((address) => !(address in ours.files))
    .map((address) => `${address} is served, and this checkout does not build it.`);
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

const policyIn = (headers: string): string | undefined =>
  /^ +Content-Security-Policy: (.+)$/m.exec(headers)?.[1];

async function get(origin: string, address: string) {
  const response = await fetch(new URL(address, origin), {
    redirect: 'manual',
    headers: { 'cache-control': 'no-cache' },
    signal: AbortSignal.timeout(30_000),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: new Uint8Array(await response.arrayBuffer()),
  };
}
