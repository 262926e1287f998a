import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { type AnswerPorts, answerRoute } from './answer-route.ts';
import type { RouteHandler } from './implement-route.ts';
import type { Log } from './logging.ts';
import { Problem, problemReply } from './problem.ts';
import { createRouter } from './route-requests.ts';

type HttpMiddleware = MiddlewareObj<
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Error,
  Context,
  { startedAt?: number }
>;

/** How long before the function's timeout a request is given up, so that the caller still gets an answer. */
const timeoutEarlyInMillis = 500;

/** Builds the Lambda handler of an HTTP API (payload format 2.0, as function URLs send it too) from its routes. */
export function createHttpHandler(handlers: readonly RouteHandler[], ports: AnswerPorts & { now(): number }) {
  const router = createRouter(handlers, (handler, event, context) =>
    answerRoute(handler, event, context, ports),
  );
  return middy(router, { timeoutEarlyInMillis })
    .use(accessLog(ports.log, ports.now))
    .use(answerProblems(ports.log));
}

function accessLog(log: Log, now: () => number): HttpMiddleware {
  const write: HttpMiddleware['after'] = ({ event, response, internal }) => {
    const { requestId, http } = event.requestContext;
    log.info('request answered', {
      request_id: requestId,
      method: http.method,
      path: http.path,
      status: response?.statusCode,
      duration_ms: now() - (internal.startedAt ?? now()),
    });
  };
  return {
    before({ internal }) {
      internal.startedAt = now();
    },
    after: write,
    onError: write,
  };
}

function answerProblems(log: Log): HttpMiddleware {
  return {
    onError(request) {
      const requestId = request.event.requestContext?.requestId ?? 'unknown';
      request.response = problemReply(problemOf(request.error, requestId, log));
    },
  };
}

function problemOf(error: unknown, requestId: string, log: Log): Problem {
  if (error instanceof Problem) return error;
  log.error('request failed', { request_id: requestId, error });
  if (error instanceof Error && error.name === 'TimeoutError') {
    const headers = { 'retry-after': '5' };
    return new Problem('timed-out', `no answer in time; logged under request ${requestId}`, { headers });
  }
  return new Problem('internal', `the fault is logged under request ${requestId}`);
}
