import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { type AnswerPorts, answerRoute } from './answer-route.ts';
import { correlationHeader, correlationIdOf } from './correlation-id.ts';
import type { RouteHandler } from './implement-route.ts';
import { type Log, logForInvocation } from './logging.ts';
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

/**
 * Builds the Lambda handler of an HTTP API (payload format 2.0, as function URLs send it too) from its routes. Every
 * answer, that of an error too, names the request's correlation id in `x-correlation-id`.
 */
export function createHttpHandler(handlers: readonly RouteHandler[], ports: AnswerPorts & { now(): number }) {
  const router = createRouter(handlers, (handler, event, context) =>
    answerRoute(handler, event, context, { ...ports, log: logForInvocation(ports.log, context) }),
  );
  // What is used last handles an error first.
  return middy(router, { timeoutEarlyInMillis })
    .use(accessLog(ports.log, ports.now))
    .use(nameCorrelation())
    .use(answerProblems(ports.log));
}

function accessLog(log: Log, now: () => number): HttpMiddleware {
  const write: HttpMiddleware['after'] = ({ event, context, response, internal }) => {
    const { http } = event.requestContext;
    logForRequest(log, event, context).info('request answered', {
      method: http.method,
      path: http.path,
      status: response?.statusCode,
      duration_ms: now() - (internal.startedAt ?? now()),
    });
  };
  return {
    before({ event, context, internal }) {
      internal.startedAt = now();
      const { method, path } = event.requestContext.http;
      logForRequest(log, event, context).debug('request begun', { method, path });
    },
    after: write,
    onError: write,
  };
}

function nameCorrelation(): HttpMiddleware {
  const name: HttpMiddleware['after'] = (request) => {
    const headers = { ...request.response?.headers, [correlationHeader]: correlationIdOf(request.event) };
    request.response = { ...request.response, headers };
  };
  return { after: name, onError: name };
}

function answerProblems(log: Log): HttpMiddleware {
  return {
    onError(request) {
      const { event, context, error } = request;
      const { requestId } = event.requestContext;
      request.response = problemReply(problemOf(error, requestId, logForRequest(log, event, context)));
    },
  };
}

function logForRequest(log: Log, event: APIGatewayProxyEventV2, context: Context): Log {
  const { requestId } = event.requestContext;
  return logForInvocation(log.about(correlationIdOf(event)), context).with({ request_id: requestId });
}

function problemOf(error: unknown, requestId: string, log: Log): Problem {
  if (error instanceof Problem) return error;
  log.error('request failed', { error });
  if (error instanceof Error && error.name === 'TimeoutError') {
    const headers = { 'retry-after': '5' };
    return new Problem('timed-out', `no answer in time; logged under request ${requestId}`, { headers });
  }
  return new Problem('internal', `the fault is logged under request ${requestId}`);
}
