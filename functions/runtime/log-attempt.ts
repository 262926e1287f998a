import type { AttemptEvent } from '#shared/pipeline/worker-setup.ts';
import { type Log, logForTask } from './logging.ts';

/** Logs what happened to a delivery; says which task and why, never what it was given or gave back. */
export function logAttempt(log: Log, event: AttemptEvent): void {
  switch (event.kind) {
    case 'started':
      logForTask(log, event.record).info('attempt started', { waited_ms: event.waitedMs });
      break;
    case 'succeeded':
    case 'retrying':
    case 'failed':
      logOutcome(log, event);
      break;
    case 'superseded':
      logForTask(log, event.record).warn('attempt superseded by another worker');
      break;
    case 'letter-owed':
      logForTask(log, event.record).warn('dead letter not sent yet', { error: event.error });
      break;
    case 'refused':
      log.info('message without work', { task_id: event.taskId, reason: event.reason });
      break;
    case 'unreadable':
      log.error('message unreadable', { message_id: event.messageId, reason: event.reason });
      break;
  }
}

type Outcome = Extract<AttemptEvent, { kind: 'succeeded' | 'retrying' | 'failed' }>;

function logOutcome(log: Log, { kind, record, durationMs }: Outcome): void {
  const outcome = { outcome: kind, duration_ms: durationMs };
  if (!('error' in record)) {
    logForTask(log, record).info('attempt ended', outcome);
    return;
  }
  const { type, message, stack } = record.error;
  logForTask(log, record).warn('attempt ended', {
    ...outcome,
    error_type: type,
    error_message: message,
    error_stack: stack,
  });
}
