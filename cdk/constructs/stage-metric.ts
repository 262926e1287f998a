import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { metricNamespace, type stageMetrics } from '#shared/metrics/metric-names.ts';
import type { StageSettings } from '../stages.ts';

/** A metric that our functions write of the whole stage. */
export function stageMetric(
  stage: StageSettings,
  metricName: (typeof stageMetrics)[keyof typeof stageMetrics],
  options: Required<Pick<MetricOptions, 'period' | 'statistic'>>,
): Metric {
  return new Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { stage: stage.name },
    ...options,
  });
}
