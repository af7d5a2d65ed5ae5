import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));

it("the README's example runs as it stands there", () => {
  const [, code] = /^```js\n(.*?)^```$/ms.exec(readFileSync(`${folder}/README.md`, 'utf8'))!;
  const flags = ['--no-warnings', '--input-type=module', '-'];
  expect(execFileSync(process.execPath, flags, { cwd: folder, input: code!, encoding: 'utf8' })).toBe(
    'hello, room\n',
  );
});
