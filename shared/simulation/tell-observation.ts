import { isRunning, type TaskRecord } from '../lifecycle/task-record.ts';
import type { Journal } from './journal.ts';
import type { Observation } from './observation.ts';

/** Notes an observation in the journal, in words. */
export function tellObservation(journal: Journal, observation: Observation): void {
  const line = lineOf(observation);
  if (line !== null) journal.note(...line);
}

function lineOf(observation: Observation): Parameters<Journal['note']> | null {
  switch (observation.kind) {
    case 'created': {
      const { process, record } = observation;
      return [process.id, record.taskId, () => `stored: ${show(record)}`];
    }
    case 'saved': {
      const { process, before, after } = observation;
      return [process.id, after.taskId, () => `${before.state} → ${show(after)}`];
    }
    case 'wake-moved': {
      const { process, after } = observation;
      const sends = after.resent?.count ?? 0;
      return [process.id, after.taskId, () => `moved the next look; sends so far: ${sends}`];
    }
    case 'step-saved': {
      const { process, record, step } = observation;
      const what = step.value === null ? 'begun' : 'recorded';
      return [process.id, record.taskId, () => `step ${step.name} ${what} under claim ${step.claim}`];
    }
    case 'effect': {
      const { process, record, step } = observation;
      const what = `runs the effect of step ${step.name} (claim ${record.claim})`;
      return [process.id, record.taskId, () => what];
    }
    case 'accepted': {
      const { ask, taskId, duplicate } = observation;
      return [
        'client',
        taskId,
        () => `is told: task ${ask.n} ${duplicate ? 'was there before' : 'is accepted'}`,
      ];
    }
    case 'hook': {
      const { process, record, hook } = observation;
      return [process.id, record.taskId, () => `runs the hook ${hook}`];
    }
    case 'limit-changed': {
      const { process, key, after } = observation;
      return [process.id, null, () => `the limit ${key} is now ${JSON.stringify(after)}`];
    }
    case 'cancel-accepted':
      return [
        'client',
        observation.taskId,
        () => `is told: the cancel of epoch ${observation.epoch} is accepted`,
      ];
    case 'calmed-down':
      return [null, null, () => 'from now on nothing goes wrong'];
    case 'must-not-happen':
    case 'asked':
    case 'attempt':
    case 'step-returned':
    case 'delivered':
    case 'letter-sent':
      return null;
  }
}

function show(record: TaskRecord): string {
  const { state, epoch, attempts, claim, lost } = record;
  const parts = [`epoch ${epoch}`, `attempt ${attempts}`, `claim ${claim}`];
  if (lost > 0) parts.push(`${lost} lost`);
  if (isRunning(record) && record.cancelRequest !== null) parts.push('cancel requested');
  if (record.progress !== null) parts.push(`${record.progress} %`);
  if (record.state === 'FAILURE') parts.push(`${record.error.type}, letter ${record.deadLetter}`);
  if (record.state === 'RETRY') parts.push(record.error.type);
  return `${state} (${parts.join(', ')})`;
}
