import { createHash } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Environment } from '#shared/env.ts';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import type { TaskLog } from '#shared/tasks/implement-task.ts';
import { loggedError } from './logged-error.ts';

/**
 * Structured log lines as JSON on standard output; Powertools adds time, service and X-Ray trace to each. Of an error
 * among the fields a line tells what {@link loggedError} says.
 */
export interface Log extends TaskLog {
  /** A log whose every line carries these fields too. */
  with(fields: Record<string, unknown>): Log;
  /**
   * A log whose lines belong to what `correlationId` joins: they carry it, and those of level DEBUG are kept where the id
   * is one of the stage's sample, so that all functions keep them for the same requests. Null says nothing.
   */
  about(correlationId: string | null): Log;
  /** A log for what is done with a task's input: no line tells an error's words, which may quote it. */
  withoutWords(): Log;
}

/** The variables that a function's log is made from. */
export const logVariables = ['STAGE', 'LOG_LEVEL', 'DEBUG_SAMPLE_RATE'] as const;

/** See {@link logVariables}. */
export type LogEnvironment = Pick<Environment, (typeof logVariables)[number]>;

type Level = Environment['LOG_LEVEL'];

const levels: readonly Level[] = ['DEBUG', 'INFO', 'WARN', 'ERROR'];

/**
 * Opens the log of a function; `service` names the function's part in the system, for example "api". Which lines are
 * written is decided here: where Lambda has a level of its own, Powertools heeds only that, and does not sample.
 */
export function createLog(service: string, environment: LogEnvironment): Log {
  const { STAGE: stage, LOG_LEVEL: level, DEBUG_SAMPLE_RATE: sampleRate } = environment;
  const logger = new Logger({ serviceName: service, logLevel: sampleRate > 0 ? 'DEBUG' : level });
  return wrap({ logger, level, sampled: false, sampleRate, common: { stage }, words: true });
}

/**
 * Whether an id is one of the sample: the same answer wherever it is asked, and for a share `rate` (0 to 1) of all ids.
 */
export function isSampled(correlationId: string, rate: number): boolean {
  return createHash('sha256').update(correlationId).digest().readUInt32BE(0) < rate * 2 ** 32;
}

/** The log of one invocation: its lines carry the Lambda request id. */
export function logForInvocation(log: Log, context: Pick<Context, 'awsRequestId'>): Log {
  return log.with({ function_request_id: context.awsRequestId });
}

/** The log of one attempt of a task; carries what identifies it and nothing of its input. */
export function logForTask(log: Log, record: TaskRecord): Log {
  return log.about(record.correlationId).with({
    task_id: record.taskId,
    task: record.task,
    queue: record.queue,
    attempt: record.attempts,
    epoch: record.epoch,
    tenant: record.tenant,
  });
}

interface Wrapped {
  readonly logger: Logger;
  readonly level: Level;
  /** Whether DEBUG lines are written whatever the level. */
  readonly sampled: boolean;
  readonly sampleRate: number;
  readonly common: Readonly<Record<string, unknown>>;
  /** Whether errors are told with their words. */
  readonly words: boolean;
}

/** Fields are merged here: a child of the Powertools logger costs a tenth of a millisecond, too much for each line. */
function wrap(wrapped: Wrapped): Log {
  const { logger, level, sampled, sampleRate, common, words } = wrapped;
  const lowest = levels.indexOf(sampled ? 'DEBUG' : level);
  const merged = (fields: Record<string, unknown>) => ({ ...common, ...withErrorsTold(fields, words) });
  const write = (lineLevel: Level) => {
    if (levels.indexOf(lineLevel) < lowest) return () => undefined;
    const method = lineLevel.toLowerCase() as Lowercase<Level>;
    return (message: string, fields: Record<string, unknown> = {}) => logger[method](message, merged(fields));
  };
  return {
    debug: write('DEBUG'),
    info: write('INFO'),
    warn: write('WARN'),
    error: write('ERROR'),
    with: (fields) => wrap({ ...wrapped, common: merged(fields) }),
    about(correlationId) {
      if (correlationId === null) return wrap(wrapped);
      return wrap({
        ...wrapped,
        common: merged({ correlation_id: correlationId }),
        sampled: isSampled(correlationId, sampleRate),
      });
    },
    withoutWords: () => wrap({ ...wrapped, words: false }),
  };
}

function withErrorsTold(fields: Record<string, unknown>, words: boolean): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      name === 'error' || value instanceof Error ? loggedError(value, { words }) : value,
    ]),
  );
}
