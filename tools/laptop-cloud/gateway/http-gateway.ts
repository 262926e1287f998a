import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Activity, createActivity } from '../activity.ts';
import type { InvocationResult } from '../functions/function-pool.ts';
import { listenOnLaptop, stopListening } from '../listen-on-laptop.ts';
import type { AnsweredRequest } from '../metrics/measure-api.ts';
import { fromResult, type GatewayResponse, gatewayError } from './from-result.ts';
import { answerLaptopRoute, type LaptopControls } from './laptop-routes.ts';
import { matchRoute, type Route } from './match-route.ts';
import { readBody } from './read-body.ts';
import { type GatewayRequest, splitTarget, toEvent } from './to-event.ts';

/** An HTTP API of the templates, everything resolved. */
export interface HttpApi {
  id: string;
  accountId: string;
  /** `$default`, or the stage whose name begins every path. */
  stage: string;
  routes: readonly Route[];
}

/** A gateway that listens. */
export interface HttpGateway {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Invocations that run; those whose client got a time-out included. */
  readonly activity: Activity;
  /** Begins to answer. Before, every request gets a 503. */
  open(service: GatewayService): void;
  /** Stops listening and cuts every connection. */
  stop(): Promise<void>;
}

/** What a gateway serves. */
export interface GatewayService {
  /** Null serves the laptop's own routes only. */
  api: HttpApi | null;
  invoke: (functionName: string, event: APIGatewayProxyEventV2) => Promise<InvocationResult>;
  controls: LaptopControls;
  /** Is told of each request that the API answered. @default nobody is */
  measure?: (request: AnsweredRequest) => void;
}

/** How to start a gateway. */
export interface HttpGatewayOptions {
  /** 0 for a free one. */
  port: number;
  newId: () => string;
  /** @default 30000, as API Gateway's own */
  integrationTimeoutMs?: number;
  log: (line: string) => void;
}

/** API Gateway's payload limit. */
const LARGEST_BODY = 10 * 1024 * 1024;

/**
 * Listens on 127.0.0.1 and serves an HTTP API with API Gateway's own answers where no function speaks: 404 without a
 * route, 413 over 10 MiB, 500 for a function error, 503 after 30 s (the invocation goes on, as on AWS).
 * Source: "Quotas for configuring and running an HTTP API".
 * @throws Error when the port is taken
 */
export async function startHttpGateway(options: HttpGatewayOptions): Promise<HttpGateway> {
  const { log } = options;
  const activity = createActivity();
  let service: GatewayService | undefined;

  const integrate = async (
    functionName: string,
    event: APIGatewayProxyEventV2,
    { invoke }: GatewayService,
  ): Promise<GatewayResponse> => {
    const end = activity.begin();
    const invocation = invoke(functionName, event).finally(end);
    const { promise: timeout, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(resolve, options.integrationTimeoutMs ?? 30_000, null);
    const result = await Promise.race([invocation, timeout]).finally(() => clearTimeout(timer));
    if (result === null) {
      log(`gateway: ${event.routeKey}: ${functionName} took longer than the integration may`);
      invocation.catch((error: unknown) => log(`gateway: ${event.routeKey}: ${String(error)}`));
      return gatewayError(503, 'Service Unavailable');
    }
    if (!result.ok) log(`gateway: ${event.routeKey}: ${result.errorType}: ${result.errorMessage}`);
    return fromResult(result);
  };

  const answer = async (incoming: IncomingMessage): Promise<GatewayResponse> => {
    const body = await readBody(incoming, LARGEST_BODY);
    if (service === undefined) return gatewayError(503, 'Service Unavailable');
    const { measure = () => undefined, controls } = service;
    const at = controls.now();
    const measured = (response: GatewayResponse, integrationLatencyMs: number | null) => {
      measure({ status: response.status, at, latencyMs: controls.now() - at, integrationLatencyMs });
      return response;
    };
    if (body === null) return measured(gatewayError(413, 'Request Entity Too Large'), null);
    const request: GatewayRequest = {
      method: incoming.method ?? 'GET',
      target: incoming.url ?? '/',
      httpVersion: incoming.httpVersion,
      rawHeaders: incoming.rawHeaders,
      body,
      sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    };
    const own = await answerLaptopRoute(request, controls);
    if (own !== null) return own;

    const { api } = service;
    const path = pathInStage(splitTarget(request.target).path, api?.stage);
    const match = api && path !== null ? matchRoute(api.routes, request.method, path) : null;
    if (!api || !match) return measured(gatewayError(404, 'Not Found'), null);
    const event = toEvent(request, match, {
      apiId: api.id,
      accountId: api.accountId,
      stage: api.stage,
      requestId: options.newId(),
      now: at,
    });
    const asked = controls.now();
    const response = await integrate(match.route.functionName, event, service);
    return measured(response, controls.now() - asked);
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming)
      .then((response) => send(outgoing, response))
      .catch((error: unknown) => {
        log(`gateway: ${incoming.method} ${incoming.url}: ${String(error)}`);
        if (outgoing.headersSent) outgoing.destroy();
        else send(outgoing, gatewayError(500, 'Internal Server Error'));
      });
  });
  const url = await listenOnLaptop(server, options.port);
  return {
    url,
    activity,
    open: (given) => {
      service = given;
    },
    stop: () => stopListening(server),
  };
}

/** The path below the stage; null when it belongs to another stage. */
function pathInStage(path: string, stage = '$default'): string | null {
  if (stage === '$default') return path;
  if (path === `/${stage}`) return '/';
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : null;
}

function send(outgoing: ServerResponse, { status, headers, body }: GatewayResponse): void {
  outgoing.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
}
