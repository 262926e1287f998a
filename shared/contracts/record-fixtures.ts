import type { RecordIn, TaskRecord, TaskState } from '../lifecycle/task-record.ts';

/** The time at which the fixtures' tasks were submitted: 2026-11-21T12:00Z. */
export const fixtureTime = Date.UTC(2026, 10, 21, 12);

const day = 86_400_000;
const history = (...states: TaskState[]): TaskRecord['timeline'] =>
  states.map((state, index) => ({
    state,
    at: fixtureTime + index * 400,
    attempt: index === 0 ? 0 : 1,
    epoch: 1,
    detail: null,
  }));

const submitted = {
  taskId: '019aa7c1-5c00-7a3e-9d7e-2f4b8c6d1e0f',
  task: 'enrich_location_data',
  queue: 'default',
  tenant: 'acme',
  priority: 'normal',
  tags: [],
  input: { kind: 'inline', json: '{"location_id":"5f0c2a9e-8f1b-4b57-a6a5-6a0d1b7c9e42"}' },
  epoch: 1,
  attempts: 0,
  maxAttempts: 4,
  lost: 0,
  claim: 0,
  progress: null,
  status: null,
  createdAt: fixtureTime,
  digest: null,
  correlationId: '7d1f3c52-9a4b-4e0c-8f65-2b1a6c9d0e37',
  uniqueKey: null,
  eta: null,
  startBy: null,
  concurrencyKey: null,
  stepsAfter: 0,
  wakeAt: fixtureTime + 30_000,
  resent: null,
  version: 1,
  writer: '019aa7c1-5c01-7000-8000-000000000001',
} satisfies Partial<TaskRecord>;

const claimed = { ...submitted, attempts: 1, claim: 1, version: 2, startedAt: fixtureTime + 400 };
const error = { type: 'UpstreamError', message: 'Mapbox answered 503', stack: null, attempt: 1 };
const finished = { finishedAt: fixtureTime + 800, version: 3 };

const builders: { [S in TaskState]: () => RecordIn<S> } = {
  SCHEDULED: () => ({
    ...submitted,
    state: 'SCHEDULED',
    eta: fixtureTime + 600_000,
    dueAt: fixtureTime + 600_000,
    waitsFor: 'eta',
    wokenBy: 'message',
    snoozes: 0,
    hasTurn: false,
    continues: null,
    wakeAt: fixtureTime + 630_000,
    timeline: history('SCHEDULED'),
  }),
  PENDING: () => ({ ...submitted, state: 'PENDING', continues: null, timeline: history('PENDING') }),
  STARTED: () => ({
    ...claimed,
    state: 'STARTED',
    leaseUntil: fixtureTime + 45_400,
    cancelRequest: null,
    timeline: history('PENDING', 'STARTED'),
  }),
  PROGRESS: () => ({
    ...claimed,
    state: 'PROGRESS',
    leaseUntil: fixtureTime + 45_400,
    cancelRequest: null,
    progress: 40,
    status: 'Creating georeferenced file',
    timeline: history('PENDING', 'STARTED'),
  }),
  RETRY: () => ({
    ...claimed,
    state: 'RETRY',
    version: 3,
    nextAttemptAt: fixtureTime + 60_800,
    wokenBy: 'visibility',
    snoozes: 0,
    hasTurn: false,
    error,
    timeline: history('PENDING', 'STARTED', 'RETRY'),
  }),
  SUCCESS: () => ({
    ...claimed,
    ...finished,
    state: 'SUCCESS',
    wakeAt: null,
    result: { kind: 'inline', json: '{"status":"success","enriched_fields":["address","elevation"]}' },
    resultExpiresAt: finished.finishedAt + day / 24,
    expiresAt: finished.finishedAt + 14 * day,
    timeline: history('PENDING', 'STARTED', 'SUCCESS'),
  }),
  FAILURE: () => ({
    ...claimed,
    ...finished,
    state: 'FAILURE',
    wakeAt: finished.finishedAt,
    error: { ...error, stack: 'UpstreamError: Mapbox answered 503\n    at reverseGeocode' },
    deadLetter: 'none',
    expiresAt: finished.finishedAt + 30 * day,
    timeline: history('PENDING', 'STARTED', 'FAILURE'),
  }),
  CANCELLED: () => ({
    ...claimed,
    ...finished,
    state: 'CANCELLED',
    wakeAt: null,
    cancelRequest: { at: fixtureTime + 600, by: 'ada@example.com' },
    expiresAt: finished.finishedAt + 14 * day,
    timeline: history('PENDING', 'STARTED', 'CANCELLED'),
  }),
};

/** A complete, plausible record in `state`, with `changes`; typical in size, not minimal. */
export function recordIn<S extends TaskState>(state: S, changes: Partial<RecordIn<S>> = {}): RecordIn<S> {
  return { ...builders[state](), ...changes };
}

/** The record that `next` would be saved as after `previous`: the same task, the next version, another writer. */
export function successor<R extends TaskRecord>(
  previous: TaskRecord,
  next: R,
  writer = `writer-${previous.version + 1}`,
): R {
  return { ...next, taskId: previous.taskId, version: previous.version + 1, writer };
}
