import { describe, expect, it } from 'vitest';
import { fixtureTime, recordIn } from '#shared/contracts/record-fixtures.ts';
import { type TaskState, taskStates } from '#shared/lifecycle/task-record.ts';
import type { TaskReading } from '#shared/pipeline/read-task.ts';
import { taskStatusView, taskView } from './task-shapes.ts';
import { retryAfter, viewStatus, viewSummary, viewTask } from './task-view.ts';

const reader = { operator: false };

function reading(state: TaskState): TaskReading {
  const result = state === 'SUCCESS' ? { status: 'success' } : null;
  return { record: recordIn(state), input: { location_id: 'x' }, result, resultExpired: false };
}

const at = (ms: number) => new Date(fixtureTime + ms).toISOString();

describe.each(taskStates)('a task in %s', (state) => {
  it('fits the declared shapes and leaves no field out', () => {
    const full = viewTask(reading(state), reader);
    expect(taskView.strict().parse(full)).toEqual(full);
    expect(taskStatusView.strict().parse(viewStatus(reading(state)))).toEqual(viewStatus(reading(state)));
    expect(Object.keys(full).sort()).toEqual(Object.keys(taskView.shape).sort());
    expect(Object.values(full)).not.toContain(undefined);
  });
});

describe('viewSummary', () => {
  const none = {
    started_at: null,
    finished_at: null,
    next_attempt_at: null,
    record_expires_at: null,
    error: null,
  };
  const error = { type: 'UpstreamError', message: 'Mapbox answered 503', attempt: 1 };
  const day = 86_400_000;
  it.each([
    ['SCHEDULED', { ...none, eta: at(600_000), next_attempt_at: at(600_000) }],
    ['PENDING', { ...none, eta: null }],
    ['STARTED', { ...none, started_at: at(400) }],
    ['PROGRESS', { ...none, started_at: at(400) }],
    ['RETRY', { ...none, started_at: at(400), next_attempt_at: at(60_800), error }],
    [
      'SUCCESS',
      { ...none, started_at: at(400), finished_at: at(800), record_expires_at: at(800 + 14 * day) },
    ],
    [
      'FAILURE',
      { ...none, started_at: at(400), finished_at: at(800), record_expires_at: at(800 + 30 * day), error },
    ],
    [
      'CANCELLED',
      { ...none, started_at: at(400), finished_at: at(800), record_expires_at: at(800 + 14 * day) },
    ],
  ] as const)('tells the times and the error of a task in %s', (state, expected) => {
    expect(viewSummary(recordIn(state), reader)).toMatchObject(expected);
  });

  it('tells by when a task must have started, and when an attempt began that goes on elsewhere', () => {
    const startBy = fixtureTime + 90_000;
    expect(viewSummary(recordIn('PENDING', { startBy }), reader).expires_at).toBe(at(90_000));
    const continues = { startedAt: fixtureTime + 400 };
    expect(viewSummary(recordIn('PENDING', { continues }), reader).started_at).toBe(at(400));
    expect(viewSummary(recordIn('SCHEDULED', { continues }), reader).started_at).toBe(at(400));
  });

  it('tells of a wish to cancel while the worker has not seen it, and after', () => {
    const cancelRequest = { at: fixtureTime, by: 'ada' };
    const told = [recordIn('STARTED'), recordIn('STARTED', { cancelRequest }), recordIn('CANCELLED')];
    expect(told.map((record) => viewSummary(record, reader).cancel_requested)).toEqual([false, true, true]);
  });

  it('shows the stack to operators only', () => {
    expect(viewSummary(recordIn('FAILURE'), reader).error).toEqual(error);
    expect(viewSummary(recordIn('FAILURE'), { operator: true }).error?.stack).toContain('at reverseGeocode');
  });
});

describe('viewStatus', () => {
  it.each([
    ['PENDING', { state: 'PENDING', status: null, progress: null, result: null, error: null }],
    ['STARTED', { state: 'PROGRESS', status: null, progress: 0, result: null, error: null }],
    [
      'PROGRESS',
      { state: 'PROGRESS', status: 'Creating georeferenced file', progress: 40, result: null, error: null },
    ],
    [
      'RETRY',
      {
        state: 'PENDING',
        status: `attempt 1 of 4 failed with UpstreamError; the next is due at ${at(60_800)}`,
        progress: null,
        result: null,
        error: null,
      },
    ],
    [
      'SUCCESS',
      { state: 'SUCCESS', status: null, progress: 100, result: { status: 'success' }, error: null },
    ],
    [
      'FAILURE',
      { state: 'FAILURE', status: null, progress: null, result: null, error: 'Mapbox answered 503' },
    ],
    ['CANCELLED', { state: 'CANCELLED', status: null, progress: null, result: null, error: null }],
    [
      'SCHEDULED',
      {
        ...{ state: 'PENDING', status: `scheduled for ${at(600_000)}`, progress: null },
        ...{ result: null, error: null },
      },
    ],
  ] as const)('shows six fields of a task in %s', (state, expected) => {
    expect(viewStatus(reading(state))).toEqual({ task_id: recordIn(state).taskId, ...expected });
  });

  const statusOf = (record: TaskReading['record']) =>
    viewStatus({ record, result: null, resultExpired: false });

  it('says which limit a task waits for, and until when', () => {
    const dueAt = fixtureTime + 30_000;
    expect(statusOf(recordIn('SCHEDULED', { dueAt, waitsFor: 'rate-limit' })).status).toBe(
      `waits for its rate limit until ${at(30_000)}`,
    );
    expect(statusOf(recordIn('SCHEDULED', { dueAt, waitsFor: 'concurrency' })).status).toBe(
      `waits for others of its concurrency key until ${at(30_000)}`,
    );
  });

  it('shows a task between two invocations as under way, with what it told last', () => {
    const between = { continues: { startedAt: fixtureTime }, progress: 40, status: 'Ran step 4 of 10' };
    expect(statusOf(recordIn('PENDING', between))).toMatchObject({
      ...{ state: 'PROGRESS', progress: 40, status: 'Ran step 4 of 10' },
    });
  });
});

describe('retryAfter', () => {
  it.each([
    ['PENDING', 0, 1],
    ['SCHEDULED', 0, 60],
    ['SCHEDULED', 570_001, 30],
    ['SCHEDULED', 700_000, 1],
    ['PROGRESS', 0, 1],
    ['RETRY', 800, 60],
    ['RETRY', 59_000, 2],
    ['RETRY', 90_000, 1],
    ['SUCCESS', 0, null],
    ['FAILURE', 0, null],
    ['CANCELLED', 0, null],
  ] as const)('of a task in %s after %d ms is %j', (state, ms, expected) => {
    expect(retryAfter(recordIn(state), fixtureTime + ms)).toBe(expected);
  });

  it('is never more than a minute', () => {
    expect(retryAfter(recordIn('RETRY', { nextAttemptAt: fixtureTime + 600_000 }), fixtureTime)).toBe(60);
  });
});
