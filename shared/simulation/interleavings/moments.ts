import type { StepRecord } from '../../lifecycle/step-record.ts';
import type { TaskRecord, TaskState } from '../../lifecycle/task-record.ts';
import { isRunning } from '../../lifecycle/task-record.ts';
import type { PipelinePorts } from '../../ports/pipeline-ports.ts';

/** A call that a process makes of one of its ports. */
export interface PortCall {
  readonly name: string;
  readonly given: readonly unknown[];
}

/** A call at which something is to happen, and its name for people. */
export interface Moment {
  readonly says: string;
  matches(call: PortCall): boolean;
}

type Ports = Pick<PipelinePorts, 'store' | 'queue' | 'payloads' | 'limits'>;
type CallName = { [Port in keyof Ports]: `${Port}.${keyof Ports[Port] & string}` }[keyof Ports];

/** Any call of this method. */
export function calling(name: CallName): Moment {
  return { says: name, matches: (call) => call.name === name };
}

function saving(says: string, isMeant: (next: TaskRecord, previous: TaskRecord) => boolean): Moment {
  return {
    says: `the save of ${says}`,
    matches({ name, given }) {
      if (name !== 'store.save') return false;
      const [next, previous] = given as [TaskRecord, TaskRecord];
      return isMeant(next, previous);
    },
  };
}

/** A worker saves its claim. */
export const claiming: Moment = saving('a claim', (next, previous) => next.claim > previous.claim);

/** A worker saves a longer lease, and nothing else. */
export const renewing: Moment = saving(
  'a longer lease',
  (next, previous) =>
    isRunning(next) &&
    isRunning(previous) &&
    next.claim === previous.claim &&
    next.leaseUntil > previous.leaseUntil &&
    next.progress === previous.progress,
);

/** Somebody saves the request that a running task be cancelled. */
export const flagging: Moment = saving(
  'a request to cancel',
  (next, previous) =>
    isRunning(next) && isRunning(previous) && next.cancelRequest !== null && previous.cancelRequest === null,
);

/** A task comes into this state. */
export function entering(state: TaskState): Moment {
  return saving(state, (next, previous) => next.state === state && previous.state !== state);
}

/** Somebody opens the next epoch of a task. */
export const reopening: Moment = saving('the next epoch', (next, previous) => next.epoch > previous.epoch);

/** The result of this step is recorded. */
export function recordingStep(step: string): Moment {
  return {
    says: `the record of step ${step}`,
    matches({ name, given }) {
      if (name !== 'store.saveStep') return false;
      const [, saved] = given as [string, StepRecord];
      return saved.name === step && saved.value !== null;
    },
  };
}
