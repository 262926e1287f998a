import { isRunning, type TaskRecord } from '../lifecycle/task-record.ts';
import { timings } from '../lifecycle/timings.ts';
import type { Journal } from './journal.ts';
import type { Observation } from './observation.ts';

/** Situations that runs must get into: a rule that was never put to the test proves nothing. */
export const happenings = [
  'attempt failed and is tried again',
  'lost worker taken over',
  'ended WorkerLost',
  'ended TimeLimitExceeded',
  'ended StepUncertain',
  'step order changed by a deploy',
  'task unknown after a deploy',
  'cancelled while waiting',
  'flagged for cancel while running',
  'cancelled by its worker',
  'cancelled after its worker was lost',
  'retried',
  'retried with edited arguments',
  'redriven',
  'opened by its dead letter',
  'owed letter paid by the reconciler',
  'told that the task was there before',
  'told of the unfinished task of the same unique key',
  'effect run by a stale attempt',
  'step reused by a later attempt',
  'started at a far time',
  'cancelled while scheduled',
  'expired, noticed by a worker',
  'expired, noticed by the reconciler',
  'put off by a rate limit',
  'put off by a concurrency key',
  'retry put off by a limit',
  'turn came, and the task started',
  'place of a dead worker found',
  'goes on in a fresh invocation',
  'lost while it went on',
  'hook failed',
  'hook took too long',
] as const;

type Happening = (typeof happenings)[number];

/** Counts the situations that a run gets into. */
export function watchHappenings(journal: Journal): (observation: Observation) => void {
  const newestClaim = new Map<string, number>();
  const effects = new Set<string>();
  const tell = (happening: Happening) => journal.count(happening);

  return (observation) => {
    switch (observation.kind) {
      case 'attempt': {
        const { event } = observation;
        if (event.kind !== 'hook-failed') return;
        const isLate = event.error instanceof Error && event.error.name === 'HookTimedOut';
        return tell(isLate ? 'hook took too long' : 'hook failed');
      }
      case 'limit-changed': {
        const { before, after } = observation;
        if (!Array.isArray(before) || !Array.isArray(after)) return;
        const isTaken = after.length > 0 && after.at(-1)?.taskId !== before.at(-1)?.taskId;
        if (isTaken && after.length <= before.length) tell('place of a dead worker found');
        return;
      }
      case 'saved': {
        const { before, after, process } = observation;
        newestClaim.set(after.taskId, after.claim);
        for (const happening of happeningsOf(before, after)) tell(happening);
        const isPaid = before.state === 'FAILURE' && after.state === 'FAILURE';
        if (isPaid && process.kind === 'reconciler') tell('owed letter paid by the reconciler');
        const hasExpired = after.state === 'FAILURE' && after.error.type === 'Expired' && !isPaid;
        if (hasExpired && process.kind === 'reconciler') tell('expired, noticed by the reconciler');
        if (hasExpired && process.kind === 'worker') tell('expired, noticed by a worker');
        return;
      }
      case 'accepted':
        if (!observation.duplicate) return;
        tell('told that the task was there before');
        if (observation.ask.sameAs === null) tell('told of the unfinished task of the same unique key');
        return;
      case 'effect': {
        const { taskId, claim } = observation.record;
        if ((newestClaim.get(taskId) ?? 0) > claim) tell('effect run by a stale attempt');
        effects.add(`${taskId}/${claim}/${observation.step.name}`);
        return;
      }
      case 'step-returned': {
        const { taskId, claim } = observation.record;
        if (!effects.has(`${taskId}/${claim}/${observation.step.name}`))
          tell('step reused by a later attempt');
        return;
      }
    }
  };
}

function happeningsOf(before: TaskRecord, after: TaskRecord): Happening[] {
  if (after.epoch > before.epoch) return openingOf(after);
  const laterOn = waitingOf(before, after);
  if (laterOn.length > 0) return laterOn;
  if (isRunning(after)) {
    if (isRunning(before) && after.claim > before.claim) {
      const part = after.timeline.some(({ state, at }) => state === 'PENDING' && at >= after.startedAt);
      return ['lost worker taken over', ...(part ? (['lost while it went on'] as const) : [])];
    }
    const isFlag = isRunning(before) && before.cancelRequest === null && after.cancelRequest !== null;
    return isFlag ? ['flagged for cancel while running'] : [];
  }
  if (after.state === 'CANCELLED') {
    if (!isRunning(before)) return ['cancelled while waiting'];
    return [
      after.finishedAt < before.leaseUntil
        ? 'cancelled by its worker'
        : 'cancelled after its worker was lost',
    ];
  }
  if (after.state === 'RETRY') return ['attempt failed and is tried again', ...errorOf(after.error.type)];
  return after.state === 'FAILURE' && isRunning(before) ? errorOf(after.error.type) : [];
}

/** What befell a task that waits for its time, for its turn, or for a fresh invocation. */
function waitingOf(before: TaskRecord, after: TaskRecord): Happening[] {
  const goesOn = 'continues' in before && before.continues !== null;
  if (isRunning(before) && after.state === 'PENDING') return ['goes on in a fresh invocation'];
  if (after.state === 'SCHEDULED') {
    return [after.waitsFor === 'rate-limit' ? 'put off by a rate limit' : 'put off by a concurrency key'];
  }
  if (before.state === 'RETRY' && after.state === 'RETRY') return ['retry put off by a limit'];
  if (before.state !== 'SCHEDULED' || goesOn) return [];
  if (after.state === 'CANCELLED') return ['cancelled while scheduled'];
  if (!isRunning(after)) return [];
  if (before.hasTurn) return ['turn came, and the task started'];
  const far = before.waitsFor === 'eta' && before.dueAt - before.createdAt > timings.visibilityLimit;
  return far ? ['started at a far time'] : [];
}

function openingOf(after: TaskRecord): Happening[] {
  const detail = after.timeline.at(-1)?.detail ?? '';
  if (detail.startsWith('opened')) return ['opened by its dead letter'];
  if (detail.startsWith('redriven')) return ['redriven'];
  return [detail.includes('edited') ? 'retried with edited arguments' : 'retried'];
}

const errors: Readonly<Record<string, Happening>> = {
  WorkerLost: 'ended WorkerLost',
  TimeLimitExceeded: 'ended TimeLimitExceeded',
  StepUncertain: 'ended StepUncertain',
  StepOrderChanged: 'step order changed by a deploy',
  UnknownTask: 'task unknown after a deploy',
};

function errorOf(type: string): Happening[] {
  const happening = errors[type];
  return happening === undefined ? [] : [happening];
}
