import { describe, expect, it } from 'vitest';
import { effectFaults } from './check-effects.ts';
import { checkLetters } from './check-letters.ts';
import { checkOutcome, checkPresence } from './check-outcomes.ts';
import { checkRecovery } from './check-recovery.ts';
import { lostWorker } from './check-timeline.ts';
import { type Line, toldTask } from './fixtures/told-task.ts';
import type { LedgerEntry } from './ledger.ts';
import type { ToldTask } from './read-tasks.ts';

const begun: Line[] = [
  ['PENDING', 0, 0],
  ['STARTED', 1, 1],
];
const succeeded = toldTask('SUCCESS', [...begun, ['SUCCESS', 2, 1]]);
const cancelled = toldTask('CANCELLED', [...begun, ['CANCELLED', 2, 1]]);
const failed = (type: string, attempts = 2) =>
  toldTask('FAILURE', [...begun, ['RETRY', 2, 1], ['STARTED', 3, 2], ['FAILURE', 4, 2]], {
    ...{ attempts, error: { type, message: 'why', attempt: attempts } },
  });
const known = (task: ToldTask) => new Map([['task-1', task]]);

function entry(
  changes: Partial<LedgerEntry> = {},
  planned: Partial<LedgerEntry['planned']> = {},
): LedgerEntry {
  return {
    taskId: 'task-1',
    planned: {
      ...{ key: 'k', tenant: 'chaos-a', kind: 'stepped', outcome: 'succeeds', task: 'run_steps', input: {} },
      ...{ priority: 'normal', tags: [], wish: null },
      ...planned,
    },
    ...{ cancelled: false, reopened: 0, maybeReopened: 0, done: false },
    ...changes,
  };
}

describe('what was accepted', () => {
  it('must be there and in the listing, and nothing besides', () => {
    expect(checkPresence([entry()], [succeeded], known(succeeded))).toEqual([]);
    expect(checkPresence([entry()], [], new Map())).toEqual([
      'task-1 was accepted, and the API knows nothing of it',
      'task-1 was accepted, and is in no listing',
    ]);
    expect(checkPresence([], [succeeded], new Map())).toEqual(['task-1 is listed, and nobody submitted it']);
    expect(checkPresence([entry()], [succeeded, succeeded], known(succeeded))).toHaveLength(1);
    expect(checkPresence([entry(), entry()], [succeeded], known(succeeded))).toHaveLength(1);
  });

  it.each<[string, LedgerEntry, ToldTask]>([
    ['succeeded', entry(), succeeded],
    ['was cancelled', entry({ cancelled: true }), cancelled],
    ['was cancelled before anybody was told so', entry({}, { wish: 'cancel' }), cancelled],
    ['used up its attempts', entry({}, { outcome: 'exhausts its attempts' }), failed('HalfWay')],
    ['met faults in each attempt', entry(), failed('SlowDown')],
    ['failed for good', entry({}, { outcome: 'fails for good' }), failed('LocationNotFound', 1)],
  ])('is in order when it %s', (_, ledgered, task) => {
    expect(checkOutcome(ledgered, task)).toEqual([]);
  });

  it.each<[string, LedgerEntry, ToldTask]>([
    ['still runs', entry(), toldTask('STARTED', begun)],
    ['succeeded although it was cancelled', entry({ cancelled: true }), succeeded],
    ['is cancelled although nobody asked', entry(), cancelled],
    ['was retried and has no second epoch', entry({ reopened: 1 }), succeeded],
    ['failed with attempts left', entry(), failed('SlowDown', 1)],
    ['failed of its own error and could have succeeded', entry(), failed('HalfWay')],
    ['failed of something else', entry(), failed('DamagedRecord')],
    ['succeeded and could not', entry({}, { outcome: 'fails for good' }), succeeded],
  ])('is at fault when it %s', (_, ledgered, task) => {
    expect(checkOutcome(ledgered, task)).not.toEqual([]);
  });
});

describe('a task that has failed in its last attempt', () => {
  const letter = (epoch: number) => ({ v: 1, taskId: 'task-1', epoch, dead: true }) as const;

  it('has a letter that opens its next epoch', () => {
    expect(checkLetters(known(failed('HalfWay')), [letter(2)])).toEqual([]);
    expect(checkLetters(known(failed('HalfWay')), [])).toHaveLength(1);
    expect(checkLetters(known(failed('HalfWay')), [letter(3)])).toHaveLength(2);
  });

  it('is the only one that has', () => {
    expect(checkLetters(known(failed('LocationNotFound')), [letter(2)])).toHaveLength(1);
    expect(checkLetters(known(succeeded), [letter(2)])).toHaveLength(1);
    expect(checkLetters(known(succeeded), [{ unreadable: '?' }])).toHaveLength(1);
  });
});

describe('a task whose worker was killed', () => {
  const death = { at: 2_000, calmFrom: 10_000, taskIds: ['task-1'], inMidst: true };
  const wentOnAfter = (seconds: number) =>
    known(toldTask('STARTED', [...begun, ['STARTED', 2 + seconds, 1, 1, lostWorker]]));

  it('goes on within three minutes', () => {
    expect(checkRecovery([death], wentOnAfter(180))).toEqual({ victims: 1, slowestMs: 180_000, faults: [] });
    expect(checkRecovery([death], wentOnAfter(181)).faults).toHaveLength(1);
    expect(checkRecovery([death], known(toldTask('STARTED', begun))).faults).toHaveLength(1);
  });

  it('has three minutes from the end of faults that lasted longer than its lease', () => {
    const long = { ...death, calmFrom: 60_000 };
    expect(checkRecovery([long], wentOnAfter(238)).faults).toEqual([]);
    expect(checkRecovery([long], wentOnAfter(239)).faults).toHaveLength(1);
  });

  it('counts only when it was running', () => {
    expect(checkRecovery([death], known(toldTask('PENDING', begun.slice(0, 1)))).victims).toBe(0);
    expect(checkRecovery([death], known(succeeded)).victims).toBe(0);
  });
});

describe('the effects of a task', () => {
  const done = toldTask('SUCCESS', begun, {
    input: { steps: 2 },
    result: { steps: 2, effects: 3, repeated: 0 },
  });
  const counter = (n: number, effects: number, recorded: number | null) => ({
    sk: `step-${n}`,
    effects,
    recorded,
  });
  const inOrder = [counter(1, 1, 1), counter(2, 2, 2)];

  it('may have happened again before they were recorded, and not after', () => {
    expect(effectFaults(done, inOrder)).toEqual([]);
    expect(effectFaults(done, [counter(1, 2, 1), counter(2, 1, 1)])).toEqual([
      'effect step-1 was recorded after 1, and happened 2 times',
    ]);
  });

  it('are all recorded once it has succeeded', () => {
    const half = [counter(1, 1, 1), counter(2, 1, null)];
    expect(effectFaults(done, half)).toEqual(['succeeded after 1 of 2 steps']);
    expect(effectFaults({ ...done, state: 'FAILURE' }, half)).toEqual([]);
  });

  it('are told by itself', () => {
    const result = { steps: 2, effects: 3, repeated: 1 };
    expect(effectFaults({ ...done, result }, inOrder)).toEqual(['tells of repeated effects: 1']);
    expect(effectFaults({ ...done, result: null, result_expired: true }, inOrder)).toEqual([]);
  });
});
