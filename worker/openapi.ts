import * as z from 'zod/mini';
import { Problem, type ProblemType, problems } from '../protocol/problem.ts';
import type { Route } from '../protocol/rest/index.ts';

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
        'Keys, ciphertext and signatures are unpadded base64url. Unknown fields are refused. Errors are problem documents (RFC 9457).',
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operation(name: string, route: Route): Json {
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.path.split('/')[1]],
    security: route.auth ? [{ accessToken: [] }] : [],
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...(route.body && { requestBody: { required: true, content: json(schemaOf(route.body, 'input')) } }),
    responses: { ...success(route), ...refusals(route) },
  };
}

function success(route: Route): Json {
  if (route.reply) {
    return { [route.status]: { description: 'Done', content: json(schemaOf(route.reply, 'output')) } };
  }
  return route.status === 204
    ? { 204: { description: 'Done' } }
    : { 101: { description: 'The connection is a WebSocket now' } };
}

/** The problems that `route` can answer, its own and those of every route of its kind. */
export function problemsOf(route: Route): ProblemType[] {
  const changes = route.method !== 'GET';
  return [
    ...new Set<ProblemType>([
      ...(route.auth ? (['unauthenticated'] as const) : []),
      ...(route.params || route.query || route.body ? (['invalid-body'] as const) : []),
      ...(route.body ? (['bad-request', 'too-large', 'unsupported-media-type'] as const) : []),
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
        description: types.map((type) => `\`${type}\`: ${problems[type][1]}`).join('. '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function parametersOf(schema: z.ZodMiniType | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}

const json = (schema: Json): Json => ({ 'application/json': { schema } });

function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
