import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { stageAlarm } from './stage-alarm.ts';

/** What the alarms watch, and the page that shows what the API logs. */
export interface ApiAlarmsProps {
  readonly stage: StageSettings;
  readonly gateway: HttpApi;
  readonly look: string;
}

/** Tells when callers are let down: by answers that are our fault, or by long waits. */
export function declareApiAlarms(scope: Construct, { stage, gateway, look }: ApiAlarmsProps): void {
  const period = Duration.minutes(5);
  stageAlarm(scope, 'ServerErrorsAlarm', {
    stage,
    name: 'api-5xx',
    meaning: 'The API answers with errors of its own.',
    look,
    metric: gateway.metricServerError({ period, statistic: 'Sum' }),
    from: { dev: 10, staging: 5, prod: 5 },
    periods: { breaching: 1, of: 1 },
    essential: true,
  });
  // There a request takes as long as its task.
  if (stage.executionMode === 'inline') return;
  stageAlarm(scope, 'LatencyAlarm', {
    stage,
    name: 'api-latency',
    meaning: 'One request in a hundred takes many seconds.',
    look,
    metric: gateway.metricLatency({ period, statistic: 'p99' }),
    // Milliseconds. With little traffic the slowest request of all decides, and one that probes a file may wait for a worker.
    from: { dev: 10_000, staging: 10_000, prod: 5000 },
    periods: { breaching: 3, of: 3 },
  });
}
