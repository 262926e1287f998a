import { timelineFaults } from './check-timeline.ts';
import type { LedgerEntry } from './ledger.ts';
import type { ListedTask, ToldTask } from './read-tasks.ts';

const ended = ['SUCCESS', 'FAILURE', 'CANCELLED'];

/** What a task may end of when faults hit it often enough: the errors that were injected, and lost workers. */
const injectedErrors = [
  'InternalServerError',
  'InternalError',
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'TransactionConflictException',
  'TransactionCanceledException',
  'TimeoutError',
  'SlowDown',
  'Error',
  'WorkerLost',
];

/** Compares what was accepted with what is listed: nothing lost, nothing besides. */
export function checkPresence(
  entries: readonly LedgerEntry[],
  listed: readonly ListedTask[],
  tasks: ReadonlyMap<string, ToldTask>,
): string[] {
  const accepted = new Set(entries.map(({ taskId }) => taskId));
  const shown = new Set(listed.map(({ task_id }) => task_id));
  return [
    ...(accepted.size < entries.length ? [`${entries.length - accepted.size} tasks have another's id`] : []),
    ...(shown.size < listed.length ? [`${listed.length - shown.size} tasks are listed twice`] : []),
    ...[...accepted]
      .filter((id) => !tasks.has(id))
      .map((id) => `${id} was accepted, and the API knows nothing of it`),
    ...[...accepted].filter((id) => !shown.has(id)).map((id) => `${id} was accepted, and is in no listing`),
    ...[...shown].filter((id) => !accepted.has(id)).map((id) => `${id} is listed, and nobody submitted it`),
  ];
}

/** What is wrong with one accepted task, given all that was asked of it. */
export function checkOutcome(entry: LedgerEntry, task: ToldTask): string[] {
  const { planned, reopened, maybeReopened, cancelled, taskId } = entry;
  const { state, epoch, error } = task;
  const faults = [...timelineFaults(task)];
  if (!ended.includes(state)) faults.push(`is still ${state}`);
  if (cancelled && state !== 'CANCELLED') faults.push(`was cancelled, and ended ${state}`);
  if (state === 'CANCELLED' && !cancelled && !planned.wish?.startsWith('cancel')) {
    faults.push('is CANCELLED, and nobody asked for it');
  }
  if (epoch < 1 + reopened || epoch > 1 + reopened + maybeReopened) {
    faults.push(
      `is in epoch ${epoch} after ${reopened} retries (and ${maybeReopened} that were not answered)`,
    );
  }
  if (state === 'FAILURE') faults.push(...failureFaults(entry, task));
  if (state === 'SUCCESS' && planned.outcome === 'fails for good') faults.push('succeeded, and could not');
  if (state === 'SUCCESS' && planned.outcome === 'exhausts its attempts' && planned.wish !== 'retry edited') {
    faults.push('succeeded, and could not');
  }
  return faults.map(
    (fault) =>
      `${taskId} (${planned.kind}, ${planned.task}): ${fault}${error ? ` [${error.type}: ${error.message}]` : ''}`,
  );
}

function failureFaults({ planned }: LedgerEntry, { error, attempts, max_attempts }: ToldTask): string[] {
  const type = error?.type ?? '';
  if (injectedErrors.includes(type)) {
    return type === 'WorkerLost' || attempts === max_attempts
      ? []
      : [`failed in attempt ${attempts} of ${max_attempts}`];
  }
  if (planned.outcome === 'fails for good') return type === 'LocationNotFound' ? [] : [`failed of ${type}`];
  if (type !== 'HalfWay') return [`failed of ${type}`];
  if (planned.outcome === 'succeeds') return ['failed of its own error, and could have succeeded'];
  return attempts === max_attempts ? [] : [`failed in attempt ${attempts} of ${max_attempts}`];
}
