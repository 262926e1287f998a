import type { AttemptEvent } from '#shared/pipeline/worker-setup.ts';
import { framesOf } from './logged-error.ts';
import { type Log, logForTask } from './logging.ts';

/**
 * Logs what happened to a delivery; says which task and why, never what it was given or gave back. So it tells an error's
 * type and place without its words, which may quote either; the task's record has them.
 */
export function logAttempt(log: Log, event: AttemptEvent): void {
  switch (event.kind) {
    case 'started':
      logForTask(log, event.record).info('attempt started', { waited_ms: event.waitedMs });
      break;
    case 'ended':
      logOutcome(log, event);
      break;
    case 'superseded':
      logForTask(log, event.record).warn('attempt superseded by another worker');
      break;
    case 'snoozed':
      logForTask(log, event.record).info('task put off by a limit');
      break;
    case 'hook-failed':
      logForTask(log, event.record).withoutWords().warn('a hook failed', { error: event.error });
      break;
    case 'hint-unsent':
      logForTask(log, event.record).warn('the next message will be sent later', { error: event.error });
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
    case 'fault':
      log.error('message kept: the pipeline could not handle it', {
        message_id: event.messageId,
        error: event.error,
      });
      break;
    case 'not-postponed':
      log.warn('a kept message could not be put back early', {
        message_id: event.messageId,
        error: event.error,
      });
      break;
  }
}

function logOutcome(log: Log, { record, durationMs }: Extract<AttemptEvent, { kind: 'ended' }>): void {
  const outcome = { outcome: record.state, duration_ms: durationMs };
  if (!('error' in record)) {
    logForTask(log, record).info('attempt ended', outcome);
    return;
  }
  const { type, stack } = record.error;
  logForTask(log, record).warn('attempt ended', {
    ...outcome,
    error_type: type,
    error_stack: framesOf(stack ?? ''),
  });
}
