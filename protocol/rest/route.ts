import type * as z from 'zod/mini';
import type { ProblemType } from '../problem.ts';

/**
 * One operation of the REST interface. The Worker checks requests with it, documents it in OpenAPI, and the typed
 * client calls by it: there is no second description.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with `:name` parameters. */
  readonly path: string;
  readonly summary: string;
  /** Whether an access token is needed. */
  readonly auth: boolean;
  readonly params?: z.ZodMiniType;
  readonly query?: z.ZodMiniType;
  readonly body?: z.ZodMiniType;
  /** Status of success, and what it carries (none with 204). */
  readonly status: 200 | 201 | 204;
  readonly reply?: z.ZodMiniType;
  /** Problems of its own, beside those that every route can answer. */
  readonly problems: readonly ProblemType[];
}

/** Keeps a route's literal types. */
export const route = <const R extends Route>(definition: R): R => definition;
