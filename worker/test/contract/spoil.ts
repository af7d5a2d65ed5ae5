// Makes of something that fits a schema all that does not fit it by one fault, and values at random.
import * as fc from 'fast-check';
import { type Components, resolve, type Schema, violation } from './json-schema.ts';

/** A value with one fault. */
export interface Spoilt {
  /** Where the fault is, and which. */
  readonly fault: string;
  readonly value: unknown;
}

/** The longest that a text without a bound is made: what has none in the document is refused by the test. */
const beyond = 300;
const ofAnyType = [null, true, 1.5, 7, 'text', [], {}, ['text'], { t: 1 }];

/** `value`, which fits `schema`, with each fault that the schema knows, one at a time. */
export function spoil(schema: Schema, value: unknown, components: Components, at = ''): Spoilt[] {
  const own = resolve(schema, components);
  const faults = [
    ...ofAnyType.map(
      (other): Spoilt => ({ fault: `${at || '/'} is ${JSON.stringify(other)}`, value: other }),
    ),
    ...outOfBounds(own, value, at),
    ...inside(own, value, components, at),
  ];
  return faults.filter((each) => violation(schema, each.value, components) !== undefined);
}

function outOfBounds(schema: Schema, value: unknown, at: string): Spoilt[] {
  const faults: Spoilt[] = [];
  const add = (why: string, spoilt: unknown) => faults.push({ fault: `${at || '/'} ${why}`, value: spoilt });
  if (typeof value === 'string') {
    add('is too long', value + 'A'.repeat((schema.maxLength ?? beyond) + 4 - value.length));
    add('is empty', '');
    add('is too short', value.slice(0, (schema.minLength ?? 1) - 1));
    for (const odd of ['!', '\u0000', '\ud800', '=', ' ', 'é']) {
      add(`begins with ${JSON.stringify(odd)}`, odd + value.slice(1));
      add(`ends with ${JSON.stringify(odd)}`, value.slice(0, -1) + odd);
    }
    add('ends with a line break', `${value}\n`);
  }
  if (typeof value === 'number') {
    add('is too small', (schema.minimum ?? 0) - 1);
    add('is too big', (schema.maximum ?? 2 ** 53) + 1);
    add('is far too big', 1e300);
    add('is negative', -1);
  }
  if (Array.isArray(value)) {
    add('has too few', value.slice(0, (schema.minItems ?? 1) - 1));
    if (schema.maxItems !== undefined)
      add(
        'has too many',
        Array.from({ length: schema.maxItems + 1 }, () => value[0]),
      );
  }
  return faults;
}

function inside(schema: Schema, value: unknown, components: Components, at: string): Spoilt[] {
  if (Array.isArray(value) && schema.items) {
    const [first, ...rest] = value;
    if (first === undefined) return [];
    return spoil(schema.items, first, components, `${at}/0`).map(({ fault, value: spoilt }) => ({
      fault,
      value: [spoilt, ...rest],
    }));
  }
  if (typeof value !== 'object' || value === null) return [];
  const object = value as Record<string, unknown>;
  const faults: Spoilt[] = [
    { fault: `${at}/unknown is unknown`, value: { ...object, unknown: 1 } },
    {
      fault: `${at}/__proto__ is unknown`,
      value: JSON.parse(`{"__proto__":1,${JSON.stringify(value).slice(1)}`),
    },
  ];
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const { [name]: present, ...without } = object;
    faults.push({ fault: `${at}/${name} is missing`, value: without });
    const spoilt =
      present === undefined
        ? ofAnyType
            .filter((other) => violation(part, other, components) !== undefined)
            .map((other) => ({ fault: `${at}/${name} is ${JSON.stringify(other)}`, value: other as unknown }))
        : spoil(part, present, components, `${at}/${name}`);
    for (const each of spoilt) faults.push({ fault: each.fault, value: { ...object, [name]: each.value } });
  }
  return faults;
}

/** Values that fit `schema` more or less: its shape and bounds are kept, patterns only now and then. */
export function about(schema: Schema, components: Components): fc.Arbitrary<unknown> {
  const own = resolve(schema, components);
  const inner = (one: Schema) => about(one, components);
  const rarely = (arbitrary: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 12, arbitrary }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
  if ('const' in own) return rarely(fc.constant(own.const));
  if (own.enum) return rarely(fc.constantFrom(...own.enum));
  const choices = own.anyOf ?? own.oneOf;
  if (choices) return fc.oneof(...choices.map(inner));
  switch (own.type) {
    case 'object': {
      const { properties = {}, required = [] } = own;
      const parts = Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part)]));
      return rarely(fc.record(parts, { requiredKeys: [...required] }));
    }
    case 'array':
      return rarely(
        fc.array(own.items ? inner(own.items) : fc.jsonValue(), {
          minLength: own.minItems ?? 0,
          maxLength: Math.min(own.maxItems ?? 3, (own.minItems ?? 0) + 3),
        }),
      );
    case 'string':
      return rarely(texts(own));
    case 'integer':
    case 'number': {
      const min = own.minimum ?? Number.MIN_SAFE_INTEGER;
      return rarely(fc.maxSafeInteger().map((n) => (own.type === 'integer' ? Math.max(n, min) : n / 3)));
    }
    default:
      return rarely(fc.boolean());
  }
}

/** Any UTF-16 code unit, halves of pairs too. (fast-check's own table of all characters takes seconds to make.) */
const anyUnit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code));

function texts({ pattern, format, minLength = 0, maxLength = beyond }: Schema): fc.Arbitrary<string> {
  const size = { minLength, maxLength: Math.min(maxLength, minLength + 64) };
  const wild = fc.string({ unit: anyUnit, ...size });
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (format === 'uri') return fc.webUrl();
  if (pattern?.startsWith('^[0-9a-f]{8}-')) return fc.uuid({ version: [4, 7] });
  if (pattern?.includes('@')) return fc.emailAddress().map((email) => email.toLowerCase());
  // Base64url of so many bytes, whole ones.
  const bytes = fc.uint8Array({
    minLength: Math.floor((minLength * 3) / 4),
    maxLength: Math.floor((size.maxLength * 3) / 4),
  });
  const encoded = bytes.map((each) =>
    btoa(String.fromCharCode(...each))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/=+$/, ''),
  );
  return pattern === undefined
    ? wild
    : fc.oneof({ weight: 8, arbitrary: encoded }, { weight: 1, arbitrary: wild });
}
