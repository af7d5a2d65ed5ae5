// As much of JSON Schema (2020-12) as the OpenAPI document uses, written without zod: the document is judged, not what made it.

/** A schema of the document. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly default?: unknown;
  readonly description?: string;
}

const known = new Set<string>([
  ...['$ref', 'type', 'const', 'enum', 'anyOf', 'oneOf', 'allOf', 'properties', 'required', 'items'],
  ...['additionalProperties', 'propertyNames', 'minItems', 'maxItems', 'minLength', 'maxLength', 'pattern'],
  ...['minimum', 'maximum', 'format', 'default', 'description'],
]);
const formats: Record<string, (text: string) => boolean> = {
  'date-time': (text) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)),
  uri: (text) => URL.canParse(text),
};

export type Components = Readonly<Record<string, Schema>>;

/** The schema that stands behind `schema`'s reference, if it is one. */
export function resolve(schema: Schema, components: Components): Schema {
  if (schema.$ref === undefined) return schema;
  const found = components[schema.$ref.replace('#/components/schemas/', '')];
  if (!found) throw new Error(`the document has no ${schema.$ref}`);
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const types: Record<string, (value: unknown) => boolean> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

/** What of `value` does not fit `schema`, with its place; undefined when all does. Throws for keywords that nothing here knows. */
export function violation(
  schema: Schema,
  value: unknown,
  components: Components,
  at = '',
): string | undefined {
  for (const word of Object.keys(schema))
    if (!known.has(word)) throw new Error(`no rule for the keyword ${word} at ${at}`);
  const each = (one: Schema, part = value, place = at) => violation(one, part, components, place);
  if (schema.$ref !== undefined) return each(resolve(schema, components));
  const bad = (why: string) => `${at || '/'}: ${why}: ${JSON.stringify(value)?.slice(0, 80)}`;

  const wanted = [schema.type ?? []].flat();
  if (wanted.length > 0 && !wanted.some((type) => types[type]?.(value)))
    return bad(`no ${wanted.join(' or ')}`);
  if ('const' in schema && value !== schema.const) return bad('not the constant');
  if (schema.enum && !schema.enum.includes(value)) return bad('none of the enumeration');
  for (const one of schema.allOf ?? []) {
    const found = each(one);
    if (found !== undefined) return found;
  }
  const fitting = (all: readonly Schema[]) => all.filter((one) => each(one) === undefined).length;
  if (schema.anyOf && fitting(schema.anyOf) === 0) return bad('none of anyOf');
  if (schema.oneOf && fitting(schema.oneOf) !== 1) return bad('not one of oneOf');
  if (typeof value === 'string') return ofString(schema, value, bad);
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? -Infinity)) return bad('too small');
    if (value > (schema.maximum ?? Infinity)) return bad('too big');
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) return bad('too few');
    if (value.length > (schema.maxItems ?? Infinity)) return bad('too many');
    for (const [i, item] of value.entries()) {
      const found = schema.items && each(schema.items, item, `${at}/${i}`);
      if (found !== undefined) return found;
    }
  }
  if (isObject(value)) {
    const missing = schema.required?.find((name) => !(name in value));
    if (missing !== undefined) return bad(`no ${missing}`);
    for (const [name, part] of Object.entries(value)) {
      const own = schema.properties?.[name] ?? schema.additionalProperties;
      if (own === false) return bad(`the unknown field ${name}`);
      const found = isObject(own) ? each(own as Schema, part, `${at}/${name}`) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function ofString(schema: Schema, value: string, bad: (why: string) => string): string | undefined {
  if (value.length < (schema.minLength ?? 0)) return bad('too short');
  if (value.length > (schema.maxLength ?? Infinity)) return bad('too long');
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
    return bad('not of the pattern');
  if (schema.format !== undefined && !formats[schema.format]?.(value)) return bad(`no ${schema.format}`);
  return undefined;
}
