import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf, violation } from './arrows.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

function violations(file: string, code: string): string[] {
  return importsOf(file, code).flatMap((found) => violation(file, found) ?? []);
}

describe('the arrows between folders', () => {
  it('are kept by every source file', () => {
    const files = globSync('{protocol,crypto,worker,durable-objects,web}/**/*.{ts,tsx}', { cwd: root })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => !file.includes('node_modules/'));
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap((file) => violations(file, readFileSync(`${root}/${file}`, 'utf8')))).toEqual([]);
  }, 30_000);

  it.each([
    ['a static import', 'worker/routes/files.ts', "import { seal } from '../../crypto/file/stream.ts';"],
    ['a type import', 'worker/routes/files.ts', "import type { Key } from '../../crypto/file/stream.ts';"],
    ['an inline type', 'worker/routes/files.ts', "let k: import('../../crypto/file/stream.ts').Key;"],
    ['a dynamic import', 'durable-objects/log.ts', "const c = await import('../crypto/room/roster.ts');"],
    ['a re-export', 'protocol/index.ts', "export * from '../crypto/file/stream.ts';"],
    ['a bare import', 'crypto/room/roster.ts', "import '../../web/src/engine/api.ts';"],
    ['a worker', 'crypto/file/pool.ts', "new URL('../../web/src/engine/x.ts', import.meta.url);"],
    ['a server in the client', 'web/src/engine/api.ts', "import { db } from '../../../worker/db/client.ts';"],
    ['a launcher in the product', 'worker/index.ts', "import { startNeon } from '../local/neon.ts';"],
    [
      'a value of an object',
      'worker/routes/chat.ts',
      "import { Chatroom } from '../../durable-objects/chatroom.ts';",
    ],
    [
      'the contract in the ui',
      'web/src/ui/card.tsx',
      "import { fileId } from '../../../protocol/scalars.ts';",
    ],
    ['the engine in the ui', 'web/src/ui/card.tsx', "import { room } from '../engine/room.ts';"],
    [
      'a screen in the engine',
      'web/src/engine/room.ts',
      "import { Timeline } from '../features/chat/index.ts';",
    ],
    ['the app in the engine', 'web/src/engine/room.ts', "import { theme } from '../app/theme.ts';"],
    ['the app in a feature', 'web/src/features/chat/index.ts', "import { App } from '../../app/app.tsx';"],
    [
      "another feature's inside",
      'web/src/features/chat/card.tsx',
      "import { P } from '../player/player.tsx';",
    ],
    [
      "a feature's inside",
      'web/src/app/routes.tsx',
      "const P = () => import('../features/player/player.tsx');",
    ],
  ])('are seen to be broken by %s', (_what, file, code) => {
    expect(violations(file, code)).toHaveLength(1);
  });

  it.each([
    ['worker/index.ts', "export { Chatroom } from '../durable-objects/chatroom.ts';"],
    ['worker/env.ts', "import type { Chatroom } from '../durable-objects/chatroom.ts';"],
    ['worker/env.ts', "import { type Chatroom } from '../durable-objects/chatroom.ts';"],
    ['worker/routes/auth.ts', "import { hash } from '../auth/password.ts'; import { Hono } from 'hono';"],
    ['web/src/engine/room.ts', "import { seal } from '../../../crypto/file/stream.ts';"],
    ['web/src/features/chat/card.tsx', "import { Player } from '../player/index.ts';"],
    ['web/src/features/chat/card.tsx', "import { line } from './line.tsx';"],
    ['web/src/engine/room.test.ts', "import { startSystem } from '../../../local/system.ts';"],
    ['e2e/evening.test.ts', "import { openSession } from '../web/src/engine/index.ts';"],
  ])('allow %s: %s', (file, code) => {
    expect(violations(file, code)).toEqual([]);
  });
});
