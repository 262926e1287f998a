import type * as z from 'zod';
import type { Route } from './define-route.ts';
import type { Log } from './logging.ts';
import { faultsOf, Problem, validationProblem } from './problem.ts';
import type { Caller } from './tokens/authenticate.ts';

/** Who asks and in which request; the same for every route. */
export interface RequestScene {
  readonly caller: Caller;
  readonly requestId: string;
  /** What joins the log lines of the request and of the tasks that it submits. */
  readonly correlationId: string;
  readonly log: Log;
  /** Milliseconds until the function is ended, the caller's answer lost with it. */
  remainingMs(): number;
}

/** A request as a route's work gets it: every part parsed by the route's schemas. */
export interface RouteRequest<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Headers extends z.ZodType,
> extends RequestScene {
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  readonly headers: z.output<Headers>;
  readonly body: z.output<Body>;
}

/** What a route's work answers; `status` only where it is not the route's usual one. */
export interface RouteReply<Body> {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** The work that a route asks for. */
export type WorkOf<Declared> =
  Declared extends Route<infer Params, infer Query, infer Body, infer Output, infer Headers>
    ? (request: RouteRequest<Params, Query, Body, Headers>) => Promise<RouteReply<z.input<Output>>>
    : never;

type UntypedWork = (
  request: RouteRequest<z.ZodType, z.ZodType, z.ZodType, z.ZodType>,
) => Promise<RouteReply<unknown>>;

/** The parts of a request that callers make up, not yet parsed. */
export interface RawParts {
  readonly params: unknown;
  readonly query: unknown;
  /** Those that the route declares, under the names that it gives them. */
  readonly headers: unknown;
  readonly body: unknown;
}

/** A route together with its work; loaded only by the API function. */
export interface RouteHandler {
  readonly route: Route;
  /** Parses the request, runs the work, parses the answer: neither side is ever unchecked. */
  run(parts: RawParts, scene: RequestScene): Promise<Required<RouteReply<unknown>>>;
}

/** Thrown when a route's work answers something that its own declaration does not allow: our fault, never the caller's. */
export class ReplyMismatch extends Error {
  override name = 'ReplyMismatch';
}

/**
 * Binds a route's work to its declaration. `run` throws a Problem for path parameters that cannot name anything (404)
 * and for query, headers and body that do not fit (422, every fault of them), and a ReplyMismatch for an answer that does
 * not fit.
 */
export function implementRoute<Declared extends Route>(route: Declared, work: WorkOf<Declared>): RouteHandler;
export function implementRoute(route: Route, work: UntypedWork): RouteHandler {
  return {
    route,
    async run(parts, scene) {
      const params = route.params.safeParse(parts.params);
      if (!params.success) throw new Problem('not-found', 'there is nothing under this path');
      const query = route.query.safeParse(parts.query);
      const headers = route.headers.safeParse(parts.headers);
      const body = route.body?.safeParse(parts.body);
      if (!query.success || !headers.success || body?.success === false) {
        throw validationProblem([
          ...(query.error ? faultsOf(query.error) : []),
          ...(headers.error ? faultsOf(headers.error) : []),
          ...(body?.error ? faultsOf(body.error) : []),
        ]);
      }
      const reply = await work({
        ...scene,
        params: params.data,
        query: query.data,
        headers: headers.data,
        body: body?.data,
      });
      const output = route.output.safeParse(reply.body);
      if (!output.success) {
        const faults = faultsOf(output.error).map(({ path, message }) => `${path}: ${message}`);
        throw new ReplyMismatch(
          `${route.method} ${route.path} answered what it does not declare: ${faults.join('; ')}`,
        );
      }
      return { status: reply.status ?? route.status, headers: reply.headers ?? {}, body: output.data };
    },
  };
}
