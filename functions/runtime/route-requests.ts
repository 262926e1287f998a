import httpRouter from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { RouteHandler } from './implement-route.ts';
import { Problem } from './problem.ts';

/** Answers one request that was found to be for `handler`. */
export type AnswerRequest = (
  handler: RouteHandler,
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Finds the route of a request. A trailing slash makes no difference, HEAD is answered as GET without the body, a known
 * path with another method is 405 with Allow, and an unknown path is 404 (both thrown as Problems).
 */
export function createRouter(handlers: readonly RouteHandler[], answer: AnswerRequest) {
  const byPath = Map.groupBy(handlers, ({ route }) => route.path);
  const router = httpRouter<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({
    routes: [...byPath].map(([path, onPath]) => ({
      method: 'ANY',
      path,
      handler: (event: APIGatewayProxyEventV2, context: Context) => dispatch(onPath, event, context, answer),
    })),
    notFoundResponse() {
      throw new Problem('not-found', 'there is nothing under this path');
    },
  });
  // The gateway's own parameters are dropped: they depend on which of its routes caught the request.
  return async (event: APIGatewayProxyEventV2, context: Context) => {
    const { pathParameters, ...own } = event;
    return router(own, context);
  };
}

async function dispatch(
  onPath: readonly RouteHandler[],
  event: APIGatewayProxyEventV2,
  context: Context,
  answer: AnswerRequest,
) {
  const { method } = event.requestContext.http;
  const handler = onPath.find(({ route }) => route.method === (method === 'HEAD' ? 'GET' : method));
  if (!handler) throw methodNotAllowed(onPath, method);
  const reply = await answer(handler, event, context);
  return method === 'HEAD' ? { ...reply, body: '' } : reply;
}

function methodNotAllowed(onPath: readonly RouteHandler[], method: string): Problem {
  const methods = onPath.map(({ route }) => route.method as string);
  const allow = (methods.includes('GET') ? [...methods, 'HEAD'] : methods).sort().join(', ');
  return new Problem('method-not-allowed', `this path answers ${allow}, not ${method}`, {
    headers: { allow },
  });
}
