import type { Hono } from 'hono';
import { html, raw } from 'hono/html';
import { problems } from '../../protocol/problem.ts';
import { adminRoutes } from '../../protocol/rest/admin.ts';
import { type Route, routes } from '../../protocol/rest/index.ts';
import type { AppEnv } from '../env.ts';
import { openApi, problemsOf } from '../openapi.ts';
import { health } from './health.ts';

/** Every operation that this Worker serves: the protocol's, and what operators ask. */
const everyRoute: Readonly<Record<string, Route>> = { ...routes, ...adminRoutes, health };

/** Registers `/openapi.json`, and `/docs` for reading it: a page without scripts. */
export function docsRoutes(app: Hono<AppEnv>): void {
  let document: string | undefined;
  app.get('/openapi.json', (c) => {
    document ??= JSON.stringify(openApi(everyRoute));
    return c.body(document, 200, { 'content-type': 'application/json' });
  });

  app.get('/docs', (c) => {
    const nonce = crypto.randomUUID();
    c.header(
      'content-security-policy',
      `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    return c.html(page(nonce));
  });
}

const style = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h2 { font: 600 1rem/1.5 ui-monospace, monospace; margin: 2.5rem 0 0; }
  p { margin: 0.25rem 0; }
  .problems { opacity: 0.75; font-size: 0.875rem; }
`;

const page = (nonce: string) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Stream Chat: REST interface</title>
    <style nonce="${nonce}">${raw(style)}</style>
  </head>
  <body>
    <h1>REST interface</h1>
    <p>The schemas are in <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). What wants an access token is marked.</p>
    ${Object.values(everyRoute).map(
      (route) => html`<section>
        <h2>${route.method} ${route.path}</h2>
        <p>${route.summary}.${route.auth ? ' Access token.' : ''}</p>
        <p class="problems">${problemsOf(route)
          .map((type) => `${problems[type][0]} ${type}`)
          .join(' · ')}</p>
      </section>`,
    )}
  </body>
</html>`;
