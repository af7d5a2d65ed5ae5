// What Cloudflare does in front of the Worker, for workerd on a server of one's own: the web app's files with their headers, the app's
// page for every other address, everything that is the Worker's to the Worker, and the sweep when it is asked for.

const types = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  mjs: 'text/javascript; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
  webp: 'image/webp',
  woff2: 'font/woff2',
};

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (env.CRON) return sweep(request, env);
    if (env.PATHS.some((pattern) => matches(pattern, pathname))) return env.APP.fetch(withAddress(request));
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } });
    return page(pathname, request.method, env);
  },
};

/** wrangler.toml's way: a star stands for any end. */
const matches = (pattern, path) =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;

/** With the address that the proxy in front has seen, as Cloudflare would say it; never the one that a client claims. */
function withAddress(request) {
  const forwarded = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
  const changed = new Request(request);
  changed.headers.set('cf-connecting-ip', forwarded);
  return changed;
}

async function page(path, method, env) {
  const name = fileAt(path);
  let found = name === undefined ? undefined : await read(name, env);
  let shown = name;
  if (found === undefined && !/\.\w+$/.test(path)) {
    for (shown of [`${path.slice(1)}.html`, `${path.slice(1)}/index.html`, 'index.html']) {
      found = await read(shown, env);
      if (found !== undefined) break;
    }
  }
  const headers = headersOf(path, withStorage(env));
  if (found === undefined) return new Response(null, { status: 404, headers });
  headers.set('content-type', types[shown.split('.').at(-1)] ?? 'application/octet-stream');
  if (!headers.has('cache-control')) headers.set('cache-control', 'public, max-age=0, must-revalidate');
  return new Response(method === 'HEAD' ? null : found.body, { headers });
}

/** The file that an address names; none for what is hidden, a setting, or no plain path. */
function fileAt(path) {
  if (path === '/') return 'index.html';
  const plain = /^(\/[\w-][\w.-]*)+$/.test(path) && !path.startsWith('/_');
  // Pages have one address each, whose headers are theirs.
  return plain && !path.endsWith('.html') ? path.slice(1) : undefined;
}

async function read(name, env) {
  const answer = await env.WEB.fetch(`http://web/${name}`);
  // A folder comes as a list of what is in it.
  const file = answer.ok && !answer.headers.get('content-type')?.includes('json');
  if (!file) await answer.body?.cancel();
  return file ? answer : undefined;
}

/** The policy names R2; here it names the storage that there is. */
const withStorage = ({ HEADERS, S3_ENDPOINT }) =>
  S3_ENDPOINT
    ? HEADERS.replaceAll('https://*.r2.cloudflarestorage.com', new URL(S3_ENDPOINT).origin)
    : HEADERS;

/** What `_headers` says for `path`: blocks of a pattern and its indented headers, later ones over earlier ones; `! name` takes one away. */
function headersOf(path, text) {
  const headers = new Headers();
  let applies = false;
  for (const line of text.split('\n').filter((each) => each.trim() && !each.startsWith('#'))) {
    if (!/^\s/.test(line)) applies = matches(line.trim(), path);
    else if (applies && line.trim().startsWith('! ')) headers.delete(line.trim().slice(2));
    else if (applies)
      headers.set(line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim());
  }
  return headers;
}

async function sweep(request, env) {
  if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'POST' } });
  const { outcome } = await env.APP.scheduled({ scheduledTime: new Date(), cron: env.CRON });
  return new Response(`${outcome}\n`, { status: outcome === 'ok' ? 200 : 500 });
}
