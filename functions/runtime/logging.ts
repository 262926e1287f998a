import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Environment } from '#shared/env.ts';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import type { TaskLog } from '#shared/tasks/implement-task.ts';

/** Structured log lines as JSON on standard output; Powertools adds time, service and X-Ray trace to each. */
export interface Log extends TaskLog {
  /** A log whose every line carries these fields too. */
  with(fields: Record<string, unknown>): Log;
}

/** Opens the log of a function; `service` names the function's part in the system, for example "api". */
export function createLog(options: { service: string; stage: string; level: Environment['LOG_LEVEL'] }): Log {
  const { service, stage, level } = options;
  return wrap(new Logger({ serviceName: service, logLevel: level }), { stage });
}

/** The log of one invocation: its lines carry the Lambda request id. */
export function logForInvocation(log: Log, context: Pick<Context, 'awsRequestId'>): Log {
  return log.with({ function_request_id: context.awsRequestId });
}

/** The log of one attempt of a task; carries what identifies it and nothing of its input. */
export function logForTask(log: Log, record: TaskRecord): Log {
  return log.with({
    task_id: record.taskId,
    task: record.task,
    queue: record.queue,
    attempt: record.attempts,
    epoch: record.epoch,
    tenant: record.tenant,
  });
}

/** Fields are merged here: a child of the Powertools logger costs a tenth of a millisecond, too much for each line. */
function wrap(logger: Logger, common: Record<string, unknown>): Log {
  return {
    info: (message, fields) => logger.info(message, { ...common, ...fields }),
    warn: (message, fields) => logger.warn(message, { ...common, ...fields }),
    error: (message, fields) => logger.error(message, { ...common, ...fields }),
    with: (fields) => wrap(logger, { ...common, ...fields }),
  };
}
