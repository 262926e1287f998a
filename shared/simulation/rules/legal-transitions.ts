import { isRunning, type TaskRecord, type TaskState } from '../../lifecycle/task-record.ts';
import type { Rule } from '../rule.ts';

const running: readonly TaskState[] = [
  ...(['STARTED', 'PROGRESS', 'PENDING', 'RETRY', 'SUCCESS', 'FAILURE', 'CANCELLED'] as const),
];
const waiting: readonly TaskState[] = ['SCHEDULED', 'STARTED', 'FAILURE', 'CANCELLED'];

/** Which states follow on which; written down apart from the pipeline, so that it may disagree. */
const successors: Readonly<Record<TaskState, readonly TaskState[]>> = {
  SCHEDULED: waiting,
  PENDING: waiting,
  STARTED: running,
  PROGRESS: running,
  RETRY: ['RETRY', 'STARTED', 'CANCELLED'],
  SUCCESS: [],
  FAILURE: ['FAILURE', 'PENDING'],
  CANCELLED: ['PENDING'],
};

const waits: readonly TaskState[] = ['SCHEDULED', 'PENDING'];

/** States follow on each other in order; what has ended changes only into the next epoch. */
export const legalTransitions: Rule = {
  name: 'legal transitions',
  watch({ report }) {
    return {
      see(observation) {
        if (observation.kind !== 'saved') return;
        for (const fault of faultsOf(observation.before, observation.after))
          report(observation.after.taskId, fault);
      },
    };
  },
};

function faultsOf(before: TaskRecord, after: TaskRecord): string[] {
  const faults: string[] = [];
  const opens = after.epoch === before.epoch + 1;
  if (!successors[before.state].includes(after.state)) {
    faults.push(`${before.state} was followed by ${after.state}`);
  }
  if (after.version !== before.version + 1)
    faults.push(`version ${before.version} was followed by ${after.version}`);
  if (after.epoch !== before.epoch && !(opens && after.state === 'PENDING')) {
    faults.push(`epoch ${before.epoch} was followed by epoch ${after.epoch} in state ${after.state}`);
  }
  if (after.state === 'PENDING' && !opens && !(isRunning(before) && after.continues !== null)) {
    faults.push('PENDING again in the same epoch, though no attempt goes on');
  }
  if (waits.includes(before.state) && after.state === 'FAILURE' && after.error.type !== 'Expired') {
    faults.push(`failed with ${after.error.type} while it waited`);
  }
  if (
    before.state === 'FAILURE' &&
    after.state === 'FAILURE' &&
    after.error.message !== before.error.message
  ) {
    faults.push('a recorded failure was replaced by another');
  }
  if (after.claim !== before.claim && !(after.claim === before.claim + 1 && isRunning(after))) {
    faults.push(`claim ${before.claim} was followed by claim ${after.claim} in state ${after.state}`);
  }
  if (!opens && (after.progress ?? 0) < (before.progress ?? 0)) {
    faults.push(`progress went back from ${before.progress} to ${after.progress}`);
  }
  if (after.createdAt !== before.createdAt || after.task !== before.task || after.tenant !== before.tenant) {
    faults.push('it became another task');
  }
  if (!opens && JSON.stringify(after.input) !== JSON.stringify(before.input)) {
    faults.push('its input changed within an epoch');
  }
  return faults;
}
