import type { Duration } from 'aws-cdk-lib';

/**
 * How many periods more an alarm on the errors or the duration of a function looks back, for invocations that take long.
 * Lambda tells both when an invocation ends and dates them back to its beginning. Of two that reach the limit, one after
 * the other, the first is dated two limits back once the second is told of.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
export function latePeriods(timeout: Duration, period: Duration): number {
  return 2 * Math.floor(timeout.toSeconds() / period.toSeconds());
}
