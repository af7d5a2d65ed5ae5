// Every operation of /openapi.json, by the document alone: what it accepts, all that it must not, and who may ask.
import { env, exports } from 'cloudflare:workers';
import * as fc from 'fast-check';
import { importJWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Call, type Person, requestOf } from './test/client.ts';
import { components, judge, type Operation, operations, type Verdict } from './test/contract/document.ts';
import { type Schema, violation } from './test/contract/json-schema.ts';
import { newWorld, type Recipe, recipes, type World } from './test/contract/recipes.ts';
import { about, spoil } from './test/contract/spoil.ts';

/** Random requests of each operation, and the time that they may take, in milliseconds: some make accounts. */
const fuzzRuns = 25;
const fuzzTime = 8_000;

let world: World;
beforeAll(async () => {
  world = await newWorld();
});

async function send(operation: Operation, call: Call, what: string): Promise<Verdict> {
  return judge(operation, await exports.default.fetch(requestOf(operation, call)), what);
}

const recipeOf = ({ name }: Operation): Recipe => {
  const recipe = (recipes as Readonly<Record<string, Recipe>>)[name];
  if (!recipe) throw new Error(`worker/test/contract/recipes.ts has no valid call of ${name}`);
  return recipe;
};

it('covers every operation of the document, and no other', () => {
  expect(operations.map(({ name }) => name).sort()).toEqual(Object.keys(recipes).sort());
});

it('wants the headers that the document wants', async () => {
  const wanting = operations.filter(({ parameters }) => parameters.some((each) => each.in === 'header'));
  expect(wanting.map(({ name }) => name).sort()).toEqual(['openAccountSocket', 'openSocket']);
  for (const operation of wanting) {
    const call = { ...(await recipeOf(operation).call(world)), headers: {} };
    expect((await send(operation, call, 'without its headers')).problem).toBe('bad-request');
  }
});

it('has a bound on every text and list that is taken', () => {
  const unbounded: string[] = [];
  const look = (schema: Schema, at: string): void => {
    const { type, maxLength, maxItems, pattern, format, properties = {}, items } = schema;
    const ends =
      maxLength !== undefined || schema.enum || /^\^[^*+]*\$$/.test(pattern ?? '') || format === 'date-time';
    if (type === 'string' && !ends) unbounded.push(at);
    if (type === 'array' && maxItems === undefined) unbounded.push(at);
    for (const [name, part] of Object.entries(properties)) look(part, `${at}/${name}`);
    if (items) look(items, `${at}/0`);
  };
  for (const { name, body, parameters } of operations) {
    if (body) look(body, name);
    for (const parameter of parameters) look(parameter.schema, `${name}?${parameter.name}`);
  }
  expect(unbounded).toEqual([]);
});

it('says of every operation what it does, and of every field what it means', () => {
  const silent: string[] = [];
  const look = (schema: Schema, at: string): void => {
    for (const [name, part] of Object.entries(schema.properties ?? {})) {
      if (!part.description) silent.push(`${at}/${name}`);
      look(part, `${at}/${name}`);
    }
    if (schema.items) look(schema.items, at);
    for (const one of schema.anyOf ?? []) look(one, at);
  };
  for (const [name, schema] of Object.entries(components)) look(schema, name);
  for (const { name, summary, parameters, body, responses } of operations) {
    if (!summary) silent.push(name);
    for (const parameter of parameters) if (!parameter.description) silent.push(`${name}?${parameter.name}`);
    if (body) look(body, name);
    for (const { content = {} } of Object.values(responses))
      for (const { schema } of Object.values(content)) if (!schema.allOf) look(schema, name);
  }
  expect(silent).toEqual([]);
});

/** Tests of each of `some` operations, under its name. */
const describeEach = (some: readonly Operation[], tests: (operation: Operation) => void) =>
  describe.each(some.map((operation) => [operation.name, operation] as const))('%s', (_, operation) =>
    tests(operation),
  );

describeEach(operations, (operation) => {
  it('succeeds as documented', async () => {
    const verdict = await send(operation, await recipeOf(operation).call(world), 'a valid call');
    expect(verdict.problem, JSON.stringify(verdict.reply)).toBeUndefined();
    expect(verdict.status).toBeLessThan(300);
  });

  it('refuses whatever does not fit its schemas by one fault', async () => {
    const call = await recipeOf(operation).call(world);
    const wrong = [...spoiltBodies(operation, call), ...spoiltAddresses(operation, call)];
    if (operation.body) expect(wrong.length).toBeGreaterThan(10);
    for (const { fault, call: spoilt } of wrong) {
      const { problem } = await send(operation, spoilt, fault);
      expect(problem, `${operation.name}: ${fault}`).toBe('invalid-body');
    }
  });

  it('answers whatever is sent as documented', async () => {
    const call = await recipeOf(operation).call(world);
    const part = (place: 'path' | 'query') =>
      fc.record(
        Object.fromEntries(
          operation.parameters
            .filter((parameter) => parameter.in === place)
            .map(({ name, schema }) => [
              name,
              // Half a surrogate pair has no place in an address.
              about(schema, components).map((value) => String(value).toWellFormed()),
            ]),
        ),
      );
    const random = fc.record({
      // Mostly the things that are there, or nothing but "not found" is ever seen.
      params: fc.oneof({ weight: 3, arbitrary: fc.constant(call.params ?? {}) }, part('path')),
      query: fc.oneof({ weight: 1, arbitrary: fc.constant(call.query ?? {}) }, part('query')),
      ...(operation.body && { body: about(operation.body, components) }),
    });
    const until = Date.now() + fuzzTime;
    const property = fc.asyncProperty(random, async (parts) => {
      if (Date.now() > until) return;
      // Nor has an address a place for half of a surrogate pair.
      const fits = (value: string) => value !== '' && !/^\.\.?$/.test(value) && !/\p{Surrogate}/u.test(value);
      if (!Object.values(parts.params as Record<string, string>).every(fits)) return;
      const made = { ...call, ...parts, params: parts.params as Record<string, string> };
      await send(operation, made, JSON.stringify(parts));
    });
    await fc.assert(property, {
      numRuns: fuzzRuns,
      seed: 20_261_125,
      endOnFailure: true,
    });
  });
});

describeEach(
  operations.filter(({ method }) => method !== 'GET'),
  (operation) => {
    it('refuses what is no JSON, too large, or a body where none is described', async () => {
      const call = await recipeOf(operation).call(world);
      const large = `{"x":"${'x'.repeat(1 << 20)}"}`;
      const post = async (body: BodyInit, type: string | undefined, what: string) => {
        const { method, headers, url } = requestOf(operation, { ...call, body: undefined });
        const typed = new Headers(headers);
        if (type) typed.set('content-type', type);
        const response = await exports.default.fetch(new Request(url, { method, headers: typed, body }));
        return (await judge(operation, response, what)).problem;
      };
      expect(await post(large, 'application/json', 'a large body')).toBe('too-large');
      // A body of no announced length, as chunks.
      const stream = new Blob([large]).stream();
      expect(await post(stream, 'application/json', 'a large body in chunks')).toBe('too-large');
      if (!operation.body) {
        expect(await post('{"unknown":1}', 'application/json', 'a body')).toBe('invalid-body');
        return;
      }
      for (const text of ['', '{', 'text', '{"a":1}{', '\ufeff{}x'])
        expect(await post(text, 'application/json', text)).toBe('bad-request');
      for (const type of [undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])
        expect(await post(JSON.stringify(call.body), type, `as ${type}`)).toBe('unsupported-media-type');
    });

    it('refuses what another site asks for', async () => {
      const call = await recipeOf(operation).call(world);
      for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
        expect((await send(operation, { ...call, headers }, 'from elsewhere')).problem).toBe(
          'foreign-origin',
        );
    });
  },
);

describeEach(
  operations.filter(({ secured }) => secured),
  (operation) => {
    it('wants a token that is ours, whole and of now', async () => {
      const call = await recipeOf(operation).call(world);
      for (const [what, token] of await badTokens(world.ana)) {
        const verdict = await send(operation, { ...call, token }, what);
        expect(verdict.problem, what).toBe('unauthenticated');
      }
    });

    it('answers a stranger and a removed member as their doors say', async () => {
      const { call, stranger, removed } = recipeOf(operation);
      for (const [person, wanted] of [
        [world.carla, stranger],
        [world.dan, removed],
      ] as const) {
        const made = { ...(await call(world, person)), token: person.token };
        const { problem, status } = await send(operation, made, 'with another token');
        if (wanted !== 'own') expect(problem).toBe(wanted);
        else expect(status, problem).toBeLessThan(300);
      }
    });
  },
);

interface SpoiltCall {
  readonly fault: string;
  readonly call: Call;
}

const spoiltBodies = ({ body }: Operation, call: Call): SpoiltCall[] =>
  body
    ? spoil(body, call.body, components).map(({ fault, value }) => ({
        fault,
        call: { ...call, body: value },
      }))
    : [];

function spoiltAddresses({ parameters, method }: Operation, call: Call): SpoiltCall[] {
  const faults: SpoiltCall[] = [
    { fault: '?unknown', call: { ...call, query: { ...call.query, unknown: '1' } } },
  ];
  for (const { name, in: place, required, schema } of parameters) {
    if (place === 'header') continue;
    const parts = (place === 'path' ? call.params : call.query) ?? {};
    const with_ = (value: string): Call =>
      place === 'path'
        ? { ...call, params: { ...call.params, [name]: value } }
        : { ...call, query: { ...call.query, [name]: value } };
    if (place === 'query' && required) {
      const { [name]: _, ...query } = call.query ?? {};
      faults.push({ fault: `?${name} is missing`, call: { ...call, query } });
    }
    for (const value of wrongTexts(schema, parts[name])) {
      // An empty or dotted segment is another path.
      if (place === 'path' && /^\.*$/.test(value)) continue;
      faults.push({ fault: `${method} ${name}=${value.slice(0, 60)}`, call: with_(value) });
    }
  }
  return faults;
}

/** Texts that are no value of `schema` in an address. */
function wrongTexts(schema: Schema, present: unknown): string[] {
  const { minimum = 0, maximum, maxLength = 400 } = schema;
  if (schema.type === 'integer') {
    const bounds = [minimum - 1, ...(maximum === undefined ? [] : [maximum + 1])].map(String);
    return [
      ...bounds,
      'text',
      '',
      '1.5',
      '0x1',
      ' 1',
      '1 ',
      '01',
      '+1',
      '-0',
      '1e0',
      '９',
      'NaN',
      '9'.repeat(400),
    ];
  }
  const text = String(present ?? 'A');
  const texts = [
    `${text}${'A'.repeat(maxLength + 4)}`,
    text.slice(0, -1),
    `${text.slice(0, -1)}!`,
    `${text}\n`,
    `${text}\0`,
    '',
    '%',
    "' or 1=1 --",
    'é',
  ];
  return texts.filter((one) => violation(schema, one, components) !== undefined);
}

/** Tokens that open nothing, and why. */
async function badTokens({ token, id }: Person): Promise<[string, string | undefined][]> {
  const jwk = JSON.parse(env.JWT_PRIVATE_JWK) as { kid: string };
  const expired = await new SignJWT({ sid: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: jwk.kid })
    .setIssuer('stream-chat')
    .setAudience('stream-chat-api')
    .setSubject(id)
    .setIssuedAt(Math.floor(Date.now() / 1000) - 700)
    .setExpirationTime(Math.floor(Date.now() / 1000) - 100)
    .sign(await importJWK(jwk, 'EdDSA'));
  const [head = '', payload = '', signature = ''] = token.split('.');
  const other = signature.startsWith('A') ? 'B' : 'A';
  return [
    ['without a token', undefined],
    ['with an expired token', expired],
    ['with an altered signature', `${head}.${payload}.${other}${signature.slice(1)}`],
    ['with another payload', `${head}.${expired.split('.')[1]}.${signature}`],
    ['with a token cut short', `${head}.${payload}`],
    ['with nonsense', 'nonsense'],
  ];
}
