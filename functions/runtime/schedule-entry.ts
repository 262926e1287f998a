import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { type Log, logForInvocation } from './logging.ts';
import { type InvocationMetrics, openMetrics } from './metrics.ts';

/** What EventBridge sends when a scheduled rule fires; further fields are ignored. */
const scheduledEvent = z.object({ id: z.string(), time: z.iso.datetime() });

/** What the work of a scheduled function gets. */
export interface ScheduledRun {
  /** The minute the rule fired for, milliseconds since the epoch. */
  readonly firedAt: number;
  /** The event's id, which its log lines carry as correlation id. */
  readonly correlationId: string;
  /** The event as it came: a rule may add to it what it fires for. */
  readonly event: unknown;
  /** Milliseconds since the epoch by which the work must have ended. */
  readonly deadline: number;
  readonly log: Log;
  readonly metrics: InvocationMetrics;
}

/** Kept free at the end of an invocation, in milliseconds, for the last calls and the report. */
const closingMargin = 5_000;

/** Builds the Lambda handler of a function that a scheduled EventBridge rule calls; throws what the work throws. */
export function createScheduleHandler(options: {
  run(run: ScheduledRun): Promise<void>;
  /** As metrics name it. */
  readonly stage: string;
  readonly log: Log;
  now(): number;
}) {
  const { run, stage, log, now } = options;
  return middy({ timeoutEarlyInMillis: 0 }).handler(
    async (event: unknown, context: Context): Promise<void> => {
      const { id, time } = scheduledEvent.parse(event);
      const metrics = openMetrics(stage);
      const deadline = now() + context.getRemainingTimeInMillis() - closingMargin;
      try {
        const firedAt = Date.parse(time);
        const lines = logForInvocation(log.about(id), context);
        await run({ firedAt, correlationId: id, event, deadline, log: lines, metrics });
      } finally {
        metrics.flush();
      }
    },
  );
}
