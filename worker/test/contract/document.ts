// The OpenAPI document as its readers have it, and whether an answer is one that it promises.
import { expect } from 'vitest';
import { Problem } from '../../../protocol/problem.ts';
import { createApp } from '../../app.ts';
import { origin } from '../client.ts';
import { type Components, type Schema, violation } from './json-schema.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description?: string;
  readonly required: boolean;
  readonly schema: Schema;
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
interface Documented {
  readonly content?: Content;
  readonly headers?: Readonly<Record<string, { readonly schema: Schema }>>;
}

/** One operation of the document. */
export interface Operation {
  readonly name: string;
  readonly summary: string;
  readonly method: string;
  readonly path: string;
  readonly secured: boolean;
  readonly parameters: readonly Parameter[];
  /** Of its body; undefined where it takes none. */
  readonly body: Schema | undefined;
  readonly responses: Readonly<Record<string, Documented>>;
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string;
            readonly summary: string;
            readonly security: readonly unknown[];
            readonly parameters: readonly Parameter[];
            readonly requestBody?: { readonly content: Content };
            readonly responses: Readonly<Record<string, Documented>>;
          }
        >
      >
    >
  >;
  readonly components: { readonly schemas: Components };
}

const document = (await (await createApp().request(`${origin}/openapi.json`)).json()) as Document;
export const components = document.components.schemas;

export const operations: readonly Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(
    ([method, { operationId, summary, security, parameters, requestBody, responses }]) => ({
      name: operationId,
      summary,
      method: method.toUpperCase(),
      path,
      secured: security.length > 0,
      parameters,
      body: requestBody?.content['application/json']?.schema,
      responses,
    }),
  ),
);

/** What an answer turned out to be: its status, and the last segment of its problem's type. */
export interface Verdict {
  readonly status: number;
  readonly problem: string | undefined;
  readonly reply: unknown;
}

/** Judges an answer by what the document promises for its status; `what` names the request in a failure. */
export async function judge(operation: Operation, response: Response, what: string): Promise<Verdict> {
  const { status, headers } = response;
  const where = `${operation.name}, ${what}: ${status}`;
  if (response.webSocket) {
    response.webSocket.accept();
    response.webSocket.close();
    expect(operation.responses, where).toHaveProperty('101');
    return { status, problem: undefined, reply: undefined };
  }
  const text = await response.text();
  const documented = operation.responses[status];
  expect(documented, `${where} is not documented: ${text}`).toBeDefined();
  expect(status, `${where} ${text}`).not.toBe(500);
  for (const name of ['content-security-policy', 'strict-transport-security', 'x-content-type-options'])
    expect(headers.get(name), `${where} without ${name}`).not.toBeNull();
  for (const [name, { schema }] of Object.entries(documented?.headers ?? {}))
    expect(violation(schema, headers.get(name), components), `${where}, header ${name}`).toBeUndefined();
  if (!documented?.content) {
    expect(text, where).toBe('');
    return { status, problem: undefined, reply: undefined };
  }
  const type = headers.get('content-type') ?? '';
  const promised = documented.content[type];
  expect(promised, `${where} of the undocumented type ${type}`).toBeDefined();
  const reply: unknown = JSON.parse(text);
  expect(promised && violation(promised.schema, reply, components), where).toBeUndefined();
  if (status < 400) return { status, problem: undefined, reply };
  expect(type, where).toBe('application/problem+json');
  const problem = Problem.parse(reply);
  expect(problem.status, where).toBe(status);
  return { status, problem: problem.type.slice('/problems/'.length), reply };
}
