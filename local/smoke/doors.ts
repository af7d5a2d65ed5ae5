import { BuildManifest, manifestName } from '../build-manifest.ts';
import type { Trial } from './index.ts';

/** What every answer carries, whoever gives it. */
const headers = ['content-security-policy', 'strict-transport-security', 'x-content-type-options'];

const get = (origin: string, path: string, init?: RequestInit): Promise<Response> =>
  fetch(origin + path, { ...init, redirect: 'manual', signal: AbortSignal.timeout(30_000) });

async function expectStatus(response: Response, status: number): Promise<void> {
  if (response.status !== status) throw new Error(`${response.status} instead of ${status}`);
  const missing = headers.filter((name) => !response.headers.has(name));
  if (missing.length > 0) throw new Error(`without ${missing.join(', ')}`);
}

async function expectProblem(response: Response, status: number): Promise<void> {
  await expectStatus(response, status);
  if (!response.headers.get('content-type')?.startsWith('application/problem+json'))
    throw new Error('the refusal is no problem document');
}

/** What can be asked without an account. */
export const doors: readonly Trial[] = [
  {
    name: 'Worker and database are well',
    run: async (origin) => expectStatus(await get(origin, '/healthz'), 200),
  },
  {
    name: 'the API is described',
    async run(origin) {
      const response = await get(origin, '/openapi.json');
      await expectStatus(response, 200);
      const { paths } = (await response.json()) as { paths?: object };
      if (!paths || !('/auth/login' in paths)) throw new Error('without /auth/login');
    },
  },
  {
    name: 'nobody is signed in without a token',
    run: async (origin) => expectProblem(await get(origin, '/chatrooms'), 401),
  },
  {
    name: 'a wrong password is refused',
    async run(origin) {
      const body = JSON.stringify({
        email: 'nobody@example.org',
        password: 'A'.repeat(43),
        transport: 'body',
      });
      const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
      await expectProblem(await get(origin, '/auth/login', init), 401);
    },
  },
  {
    name: 'another site gets nothing done',
    async run(origin) {
      const init = {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
      };
      await expectProblem(await get(origin, '/auth/logout', init), 403);
    },
  },
  {
    name: 'the app is there, with its policy and all of its files',
    async run(origin) {
      const page = await get(origin, '/');
      await expectStatus(page, 200);
      const manifest = BuildManifest.parse(await (await get(origin, `/${manifestName}`)).json());
      for (const address of Object.keys(manifest.files)) {
        const { status } = await get(origin, address, { method: 'HEAD' });
        if (status !== 200) throw new Error(`${address} answers ${status}`);
      }
    },
  },
];
