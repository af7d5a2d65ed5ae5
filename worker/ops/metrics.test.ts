import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { outgoing } from '../../durable-objects/test/room.ts';
import { adminRoutes } from '../../protocol/rest/admin.ts';
import { routes } from '../../protocol/rest/index.ts';
import { createApp } from '../app.ts';
import { ask, newPerson, origin, refusal } from '../test/client.ts';
import { newModerator } from '../test/moderators.ts';
import { newRoom } from '../test/rooms.ts';

const token = 'a-token-of-the-operator';
const read = (authorization?: string, settings: object = { METRICS_TOKEN: token }) =>
  createApp().fetch(
    new Request(`${origin}/metrics`, authorization === undefined ? {} : { headers: { authorization } }),
    { ...env, ...settings },
  );

it('is for who has the token, and is not there without one', async () => {
  for (const given of [undefined, 'Bearer', 'Bearer wrong', `Basic ${token}`, `Bearer ${token}x`]) {
    const response = await read(given);
    expect(response.status, given).toBe(401);
    await response.body?.cancel();
  }
  const off = await read(`Bearer ${token}`, { METRICS_TOKEN: '' });
  expect(off.status).toBe(404);
  await off.body?.cancel();
});

it('adds up what was asked and what became of it, by route, and names nobody', {
  timeout: 90_000,
}, async () => {
  const ana = await newPerson();
  const room = await newRoom(ana);
  const params = { id: room.id };
  await ask(routes.sendMessage, { params, token: ana.token, body: outgoing('a message') });
  const wrong = { email: ana.email, password: 'A'.repeat(43), transport: 'body' as const };
  expect(await refusal(routes.login, { body: wrong })).toBe('wrong-credentials');
  const text = async () => {
    const response = await read(`Bearer ${token}`);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    return response.text();
  };
  const wanted = [
    /^streamchat_http_requests_total\{method="POST",route="\/chatrooms\/:id\/message",status="201"\} \d+$/m,
    /^streamchat_http_request_duration_seconds_bucket\{route="\/auth\/login",le="\+Inf"\} \d+$/m,
    /^streamchat_auth_outcomes_total\{operation="login",outcome="wrong-credentials"\} \d+$/m,
    /^streamchat_problems_total\{type="wrong-credentials"\} \d+$/m,
    /^# TYPE streamchat_outbox_depth gauge$/m,
  ];
  for (const pattern of wanted) await expect.poll(text, { timeout: 60_000, interval: 500 }).toMatch(pattern);
  for (const secret of [ana.id, ana.email, room.id, ana.token]) expect(await text()).not.toContain(secret);

  const { token: moderators } = await newModerator();
  const counts = await ask(adminRoutes.getServiceCounts, { token: moderators });
  const rooms = counts.requests.find(({ kind }) => kind === 'rooms')!;
  expect(rooms.answered).toBeGreaterThan(0);
  expect(rooms.durations).toEqual([...rooms.durations].sort((a, b) => a - b));
  expect(rooms.durations).toHaveLength(counts.bounds.length);
  expect(rooms.durations.at(-1)).toBeGreaterThan(0);
  expect(counts.sent).toBeGreaterThan(0);
  expect(counts.attempts).toContainEqual({
    ...{ operation: 'login', outcome: 'wrong-credentials' },
    count: expect.any(Number),
  });
  for (const secret of [ana.id, ana.email, room.id, ana.token])
    expect(JSON.stringify(counts)).not.toContain(secret);
});
