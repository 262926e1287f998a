import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordIn } from '#shared/contracts/record-fixtures.ts';
import { measureAttempt, openMetrics } from './metrics.ts';

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  // Where Powertools warns of a flush without metrics.
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const written = () => lines.map((line) => JSON.parse(line));
const enrich = { task: 'enrich_location_data', queue: 'default' };

describe('openMetrics', () => {
  it('writes one line for each set of dimensions, and only at the flush', () => {
    const metrics = openMetrics('dev');
    const other = { task: 'other', queue: 'default' };
    metrics.add(enrich, 'TaskDuration', 'Milliseconds', 5);
    metrics.add(other, 'TaskDuration', 'Milliseconds', 7);
    metrics.add({ queue: 'default', task: 'enrich_location_data' }, 'TaskDuration', 'Milliseconds', 6);
    expect(lines).toEqual([]);
    metrics.flush();
    const definition = {
      Namespace: 'Celeriac',
      Dimensions: [['stage', 'task', 'queue']],
      Metrics: [{ Name: 'TaskDuration', Unit: 'Milliseconds' }],
    };
    const _aws = { Timestamp: expect.any(Number), CloudWatchMetrics: [definition] };
    expect(written()).toEqual([
      { _aws, stage: 'dev', ...enrich, TaskDuration: [5, 6] },
      { _aws, stage: 'dev', ...other, TaskDuration: 7 },
    ]);
    metrics.flush();
    expect(lines).toHaveLength(2);
  });
});

describe('measureAttempt', () => {
  function measured(...events: Parameters<typeof measureAttempt>[2][]): Record<string, unknown>[] {
    const metrics = openMetrics('dev');
    for (const event of events) measureAttempt(metrics, 'priority', event);
    metrics.flush();
    return written().map(({ _aws, ...values }) => values);
  }

  it('counts a start and how long it waited', () => {
    expect(measured({ kind: 'started', record: recordIn('STARTED'), waitedMs: 400 })).toEqual([
      { stage: 'dev', ...enrich, TasksStarted: 1, QueueWait: 400 },
    ]);
  });

  it.each([
    ['RETRY', 'TasksRetrying'],
    ['CANCELLED', 'TasksCancelled'],
  ] as const)('counts an attempt that ended %s', (state, name) => {
    const event = { kind: 'ended', record: recordIn(state), durationMs: 12 } as const;
    expect(measured(event)).toEqual([{ stage: 'dev', ...enrich, [name]: 1, TaskDuration: 12 }]);
  });

  it.each([
    ['SUCCESS', 'TasksSucceeded'],
    ['FAILURE', 'TasksFailed'],
  ] as const)('counts an attempt that ended %s for its task, and for the stage’s alarm', (state, name) => {
    const event = { kind: 'ended', record: recordIn(state), durationMs: 12 } as const;
    expect(measured(event)).toEqual([
      { stage: 'dev', ...enrich, [name]: 1, TaskDuration: 12 },
      { stage: 'dev', [name]: 1 },
    ]);
  });

  it('counts a worker that was lost: when its attempt is begun again, and when it was the last', () => {
    const started = { state: 'STARTED', at: 1, attempt: 1, epoch: 1, detail: null } as const;
    const again = recordIn('STARTED', { lost: 1, timeline: [started, { ...started, at: 2 }] });
    expect(measured({ kind: 'started', record: again, waitedMs: 0 })).toMatchObject([{ TasksLost: 1 }]);
    lines = [];
    const retried = recordIn('STARTED', { lost: 1, timeline: [started, { ...started, at: 2, attempt: 2 }] });
    expect(measured({ kind: 'started', record: retried, waitedMs: 0 })[0]).not.toHaveProperty('TasksLost');
    lines = [];
    const error = { type: 'WorkerLost', message: '3 workers died', stack: null, attempt: 1 };
    const last = recordIn('FAILURE', { error });
    expect(measured({ kind: 'ended', record: last, durationMs: 0 })[0]).toMatchObject({
      TasksLost: 1,
      TasksFailed: 1,
    });
  });

  it('counts a message that nobody can read by the queue it came from', () => {
    expect(measured({ kind: 'unreadable', messageId: 'm', reason: 'x' })).toEqual([
      { stage: 'dev', queue: 'priority', MessagesUnreadable: 1 },
    ]);
  });

  it('counts a message that is kept after a fault, once', () => {
    const error = new Error('throttled');
    expect(
      measured({ kind: 'fault', messageId: 'm', error }, { kind: 'not-postponed', messageId: 'm', error }),
    ).toEqual([{ stage: 'dev', MessagesKept: 1 }]);
  });

  it('counts nothing for a message without work', () => {
    expect(measured({ kind: 'refused', taskId: 't', reason: 'held' })).toEqual([]);
    expect(measured({ kind: 'superseded', record: recordIn('STARTED') })).toEqual([]);
  });
});
