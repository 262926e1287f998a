import * as z from 'zod';
import type { Scope } from './tokens/scopes.ts';

/** The methods that routes answer; HEAD is answered wherever GET is. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The schema of path parameters, query or headers of a route that takes none. */
export const noFields = z.strictObject({});

/** The output of a route that answers 204: no body at all. */
export const noBody = z.undefined();

/** What a route is, as pure data: read by the router, the template and the documentation, which never load its work. */
export interface Route<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Headers extends z.ZodObject = z.ZodObject,
> {
  readonly method: Method;
  /** For example `/api/v1/tasks/{task_id}`; no trailing slash. */
  readonly path: string;
  /** What the caller's token must allow. */
  readonly scope: Scope | 'public';
  readonly summary: string;
  readonly params: Params;
  readonly query: Query;
  /** The headers that the route reads, by their usual spelling; a request may have any others. */
  readonly headers: Headers;
  /** Null for a route that reads no body; a schema that takes undefined lets callers leave the body out. */
  readonly body: Body | null;
  /** Takes undefined for a route that answers without a body. */
  readonly output: Output;
  /** The status of the usual answer. */
  readonly status: number;
}

/** What an author writes: a route whose usual parts may be left out. */
export interface RouteDefinition<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Output extends z.ZodType,
  Headers extends z.ZodObject,
> {
  readonly method: Method;
  readonly path: string;
  readonly scope: Scope | 'public';
  readonly summary: string;
  /** @default none; must name the parameters of `path` */
  readonly params?: Params;
  /** @default none: any query parameter is an error */
  readonly query?: Query;
  /** @default none are read */
  readonly headers?: Headers;
  /** @default none: a body is not read */
  readonly body?: Body;
  readonly output: Output;
  /** @default 200, or 204 with {@link noBody}; 204 and `noBody` only together */
  readonly status?: number;
}

/**
 * Declares a route. Throws, so that it fails at synth, when the path and its parameters contradict each other, or the
 * status and the output.
 */
export function defineRoute<
  Output extends z.ZodType,
  Params extends z.ZodObject = typeof noFields,
  Query extends z.ZodObject = typeof noFields,
  Body extends z.ZodType = z.ZodUndefined,
  Headers extends z.ZodObject = typeof noFields,
>(
  definition: RouteDefinition<Params, Query, Body, Output, Headers>,
): Route<Params, Query, Body, Output, Headers> {
  const { params, query, headers, body, status, ...rest } = definition;
  const bodiless = definition.output instanceof z.ZodUndefined;
  const route = {
    ...rest,
    params: params ?? noFields,
    query: query ?? noFields,
    headers: headers ?? noFields,
    body: body ?? null,
    status: status ?? (bodiless ? 204 : 200),
  };
  if (!/^(\/[a-z0-9_.-]+|\/\{[a-z_]+\})+$/.test(route.path)) {
    throw new Error(
      `route path "${route.path}" must be made of /words and /{parameters}, without a slash at the end`,
    );
  }
  const named = [...route.path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name).sort();
  const declared = Object.keys(route.params.shape).sort();
  if (named.join() !== declared.join()) {
    throw new Error(
      `route ${route.method} ${route.path}: params declares [${declared}], the path names [${named}]`,
    );
  }
  if (bodiless !== (route.status === 204)) {
    throw new Error(`route ${route.method} ${route.path}: status 204 and output noBody only together`);
  }
  return route as Route<Params, Query, Body, Output, Headers>;
}
