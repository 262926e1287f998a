import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type * as z from 'zod';
import { correlationIdOf } from './correlation-id.ts';
import type { Route } from './define-route.ts';
import type { RouteHandler } from './implement-route.ts';
import type { Log } from './logging.ts';
import { Problem } from './problem.ts';
import { readJsonBody } from './read-json-body.ts';
import { type Authenticate, anonymous, type Caller } from './tokens/authenticate.ts';
import { allows } from './tokens/scopes.ts';

/** What answering needs beside the route: who may ask, and where to log. */
export interface AnswerPorts {
  readonly authenticate: Authenticate;
  readonly log: Log;
}

/** Answers a request for a known route: who asks → read → run → reply. Throws a Problem for what the caller got wrong. */
export async function answerRoute(
  handler: RouteHandler,
  event: APIGatewayProxyEventV2,
  context: Context,
  ports: AnswerPorts,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { route } = handler;
  const caller = await findCaller(route, event.headers['authorization'], ports.authenticate);
  const body = route.body && !mayBeLeftOut(route.body, event) ? readJsonBody(event) : undefined;
  const { requestId } = event.requestContext;
  const correlationId = correlationIdOf(event);
  const log = ports.log.about(correlationId).with({
    request_id: requestId,
    route: `${route.method} ${route.path}`,
    tenant: caller.tenant,
    caller: caller.name,
  });
  const parts = {
    params: decoded(event.pathParameters ?? {}),
    query: event.queryStringParameters ?? {},
    headers: declaredHeaders(route, event.headers),
    body,
  };
  const remainingMs = () => context.getRemainingTimeInMillis();
  const reply = await handler.run(parts, { caller, requestId, correlationId, log, remainingMs });
  const headers = { 'cache-control': 'no-store', ...reply.headers };
  if (reply.body === undefined) return { statusCode: reply.status, headers };
  return {
    statusCode: reply.status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(reply.body),
  };
}

/** Whether there is no body and need be none; what a client says of an empty body's type does not matter then. */
function mayBeLeftOut(schema: z.ZodType, { body }: APIGatewayProxyEventV2): boolean {
  return !body && schema.safeParse(undefined).success;
}

/** The gateway gives names in lower case. */
function declaredHeaders(
  { headers }: Route,
  given: APIGatewayProxyEventV2['headers'],
): Record<string, string> {
  return Object.fromEntries(
    Object.keys(headers.shape).flatMap((name) => {
      const value = given[name.toLowerCase()];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function findCaller(
  route: Route,
  authorization: string | undefined,
  authenticate: Authenticate,
): Promise<Caller> {
  if (route.scope === 'public') return anonymous;
  const caller = await authenticate(authorization);
  if (!caller) {
    throw new Problem('unauthenticated', 'send "Authorization: Bearer TOKEN" with a token that is valid', {
      headers: { 'www-authenticate': 'Bearer realm="celeriac"' },
    });
  }
  if (!allows(caller.scopes, route.scope)) {
    throw new Problem('forbidden', `this needs the scope "${route.scope}"`, {
      headers: {
        'www-authenticate': `Bearer realm="celeriac", error="insufficient_scope", scope="${route.scope}"`,
      },
    });
  }
  return caller;
}

function decoded(params: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, decodedSegment(value ?? '')]),
  );
}

function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) throw new Problem('not-found', 'the path has a broken percent-encoding');
    throw error;
  }
}
