import * as z from 'zod/mini';
import { Problem, type ProblemType, problems } from '../protocol/problem.ts';
import type { Route } from '../protocol/rest/index.ts';
import { glossary } from './glossary.ts';

/** Any JSON object of the document. */
type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of `routes`, made of the very schemas that check requests. */
export function openApi(routes: Readonly<Record<string, Route>>): Json {
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Stream Chat',
      version: '1',
      description:
        'Keys, ciphertext and signatures are unpadded base64url. Unknown fields in a body or a query are refused, and so is a body where none is described. Errors are problem documents (RFC 9457); each answer lists the types that it may have.',
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, 'output', 'Problem') },
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operation(name: string, route: Route): Json {
  const tag = route.path.split('/')[1] ?? '';
  return {
    operationId: name,
    summary: route.summary,
    tags: [tag],
    security: route.auth ? [{ accessToken: [] }] : [],
    parameters: [
      ...parametersOf(route.params, 'path', tag),
      ...parametersOf(route.query, 'query', name),
      ...(upgrades(route) ? [upgrade] : []),
    ],
    ...(route.body && {
      requestBody: { required: true, content: json(schemaOf(route.body, 'input', name)) },
    }),
    responses: { ...success(name, route), ...refusals(route) },
  };
}

/** Whether it answers with a WebSocket. */
const upgrades = ({ reply, status }: Route): boolean => !reply && status !== 204;
const upgrade = {
  name: 'Upgrade',
  in: 'header',
  description: glossary.Upgrade,
  required: true,
  schema: { const: 'websocket' },
};

function success(name: string, route: Route): Json {
  if (upgrades(route)) return { 101: { description: 'The connection is a WebSocket now.' } };
  const content = route.reply && { content: json(schemaOf(route.reply, 'output', name)) };
  return { [route.status]: { description: 'Done.', ...content } };
}

/** The problems that `route` can answer, its own and those of every route of its kind. */
export function problemsOf(route: Route): ProblemType[] {
  const changes = route.method !== 'GET';
  return [
    ...new Set<ProblemType>([
      ...(route.auth ? (['unauthenticated', 'session-revoked'] as const) : []),
      'invalid-body',
      'too-large',
      ...(route.body ? (['bad-request', 'unsupported-media-type'] as const) : []),
      ...(changes ? (['foreign-origin'] as const) : []),
      ...route.problems,
      'internal',
      'unavailable',
    ]),
  ];
}

function refusals(route: Route): Json {
  const byStatus = Object.groupBy(problemsOf(route), (type) => problems[type][0]);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, types = []]) => [
      status,
      {
        description: types.map((type) => `\`${type}\`: ${problems[type][1]}.`).join(' '),
        ...headersOf(Number(status)),
        content: { 'application/problem+json': { schema: problemOf(types) } },
      },
    ]),
  );
}

/** A problem document of one of these types. */
const problemOf = (types: readonly ProblemType[]): Json => ({
  allOf: [
    { $ref: '#/components/schemas/Problem' },
    { type: 'object', properties: { type: { enum: types.map((type) => `/problems/${type}`) } } },
  ],
});

function headersOf(status: number): Json {
  const header = (name: string, description: string, schema: Json) => ({
    headers: { [name]: { description, required: true, schema } },
  });
  if (status === 401) return header('WWW-Authenticate', 'RFC 6750.', { const: 'Bearer' });
  if (status === 429)
    return header('Retry-After', 'Seconds to wait.', { type: 'string', pattern: '^[0-9]+$' });
  return {};
}

function parametersOf(schema: z.ZodMiniType | undefined, place: 'path' | 'query', parent: string): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input', parent) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    description,
    required: required.includes(name),
    schema: property,
  }));
}

const json = (schema: Json): Json => ({ 'application/json': { schema } });

function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output', parent: string): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return described(rest, parent);
}

/** The same schema, each field of it with what the glossary says. */
function described(schema: Json, parent: string): Json {
  const { properties, items, anyOf, ...rest } = schema as {
    properties?: Record<string, Json>;
    items?: Json;
    anyOf?: Json[];
  };
  const field = (name: string, property: Json): Json => ({
    description: glossary[`${parent}.${name}`] ?? glossary[name],
    ...described(property, name === 'items' ? parent : name),
  });
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([n, p]) => [n, field(n, p)])),
    }),
    ...(items && { items: described(items, parent) }),
    ...(anyOf && { anyOf: anyOf.map((one) => described(one, parent)) }),
  };
}
