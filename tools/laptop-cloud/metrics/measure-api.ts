import type { RecordMetric } from './metric-store.ts';

/** A request that an HTTP API has answered. */
export interface AnsweredRequest {
  status: number;
  /** When it came, in milliseconds of the laptop's clock. */
  at: number;
  /** Milliseconds of the laptop's clock until the answer. */
  latencyMs: number;
  /** Those of the function; null when none was asked. */
  integrationLatencyMs: number | null;
}

/**
 * Tells the metrics of an HTTP API, for the API and for its stage. `4xx` and `5xx` have a value for each request, 0 or
 * 1, so their sum counts errors and their average is the share of them.
 * Source: Amazon API Gateway Developer Guide, "Monitor CloudWatch metrics for HTTP APIs".
 */
export function measureApi(
  record: RecordMetric,
  api: { id: string; stage: string },
): (request: AnsweredRequest) => void {
  return ({ status, at, latencyMs, integrationLatencyMs }) => {
    const values: Record<string, number | null> = {
      Count: 1,
      '4xx': status >= 400 && status < 500 ? 1 : 0,
      '5xx': status >= 500 ? 1 : 0,
      Latency: latencyMs,
      IntegrationLatency: integrationLatencyMs,
    };
    for (const dimensions of [{ ApiId: api.id }, { ApiId: api.id, Stage: api.stage }]) {
      for (const [name, value] of Object.entries(values)) {
        if (value !== null) record({ namespace: 'AWS/ApiGateway', name, dimensions }, value, at);
      }
    }
  };
}
