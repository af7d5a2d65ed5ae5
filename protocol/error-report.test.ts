import { expect, it } from 'vitest';
import { ErrorReport, framesOf, nameOf, placeOf } from './error-report.ts';

const thrown = (stack: string, message = '') => Object.assign(new Error(message), { stack });

it('takes places from what V8, Firefox and Safari write, and nothing else', () => {
  const v8 = thrown(
    [
      'TypeError: x is not a function',
      '    at Object.open (https://chat.example.org/assets/room-Bx1_2.js?v=ana@example.org#secret:3:14)',
      '    at async https://chat.example.org/r/0190/index.js:1:2',
      '    at new Pool (file:///home/ana/worker/index.ts:7:8)',
      '    at a name with spaces (eval at <anonymous>, <anonymous>:1:1)',
    ].join('\n'),
    'x is not a function',
  );
  expect(framesOf(v8).map(placeOf)).toEqual([
    'Object.open room-Bx1_2.js:3:14',
    '? index.js:1:2',
    'Pool index.ts:7:8',
  ]);
  const firefox = thrown(
    'open@https://chat.example.org/assets/room.js:3:14\n@https://chat.example.org/a.js:1:2\n',
  );
  expect(framesOf(firefox).map(placeOf)).toEqual(['open room.js:3:14', '? a.js:1:2']);
});

it('leaves a message out, also one that looks like places', () => {
  const message = 'hello\n    at canary (canary.js:1:1)\ncanary@x.js:1:1';
  const frames = framesOf(new Error(message));
  expect(frames.length).toBeGreaterThan(0);
  expect(JSON.stringify(frames)).not.toContain('canary');
  expect(framesOf('a canary')).toEqual([]);
  expect(nameOf('a canary')).toBe('Thrownstring');
  expect(nameOf(Object.assign(new Error(), { name: 'ana@example.org' }))).toBe('Error');
});

it('has no field for anything else', () => {
  const report = {
    id: crypto.randomUUID(),
    error: 'TypeError',
    screen: 'r',
    frames: framesOf(new Error('x')),
  };
  expect(ErrorReport.safeParse(report).success).toBe(true);
  for (const more of [{ message: 'x' }, { url: 'x' }, { screen: '/invite#secret' }, { error: 'a b' }])
    expect(ErrorReport.safeParse({ ...report, ...more }).success).toBe(false);
});
