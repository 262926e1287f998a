import { describe, expect, it } from 'vitest';
import { lostWorker, timelineFaults } from './check-timeline.ts';
import { toldTask } from './fixtures/told-task.ts';

const lived = [
  ['PENDING', 0, 0],
  ['STARTED', 1, 1],
  ['STARTED', 2, 1, 1, lostWorker],
  ['RETRY', 3, 1],
  ['STARTED', 4, 2],
  ['FAILURE', 5, 2],
  ['PENDING', 6, 0, 2],
  ['STARTED', 7, 1, 2],
  ['SUCCESS', 8, 1, 2],
] as const;

describe('a history', () => {
  it('may hold retries, lost workers and new epochs', () => {
    expect(timelineFaults(toldTask('SUCCESS', lived))).toEqual([]);
  });

  it('may go on in a fresh invocation, in the same attempt', () => {
    const long = [lived[0], lived[1], ['PENDING', 2, 1], ['STARTED', 3, 1], ['SUCCESS', 4, 1]] as const;
    expect(timelineFaults(toldTask('SUCCESS', long))).toEqual([]);
  });

  it('may have lost entries after those that open an epoch when it is full', () => {
    const openings = Array.from({ length: 20 }, (_, n) => ['PENDING', n, 0, n + 1] as const);
    const turns = Array.from({ length: 10 }, (_, n) => [
      ['STARTED', 10 * n + 21, 1, n + 20] as const,
      ['CANCELLED', 10 * n + 22, 1, n + 20] as const,
      ['PENDING', 10 * n + 23, 0, n + 21] as const,
    ]).flat();
    const full = [...openings, ...turns];
    expect(full).toHaveLength(50);
    expect(timelineFaults(toldTask('PENDING', full))).toEqual([]);
    expect(timelineFaults(toldTask('PENDING', full.slice(1)))).not.toEqual([]);
  });

  it('may have lost entries after its first when it is full', () => {
    const turns = Array.from({ length: 24 }, (_, n) => [
      ['STARTED', 10 * n + 1, 1, n + 9] as const,
      ['CANCELLED', 10 * n + 2, 1, n + 9] as const,
      ['PENDING', 10 * n + 3, 0, n + 10] as const,
    ]).flat();
    const full = [['PENDING', 0, 0] as const, ...turns.slice(0, 49)];
    expect(full).toHaveLength(50);
    expect(timelineFaults(toldTask('STARTED', full))).toEqual([]);
    expect(timelineFaults(toldTask('STARTED', full.slice(0, 47)))).not.toEqual([]);
  });

  it.each([
    ['begins in the middle', 'STARTED', lived.slice(1, 2), 'does not begin with its submission'],
    ['ends in another state', 'FAILURE', lived, 'it is FAILURE, and its history ends SUCCESS'],
    ['goes on after success', 'STARTED', [...lived, ['STARTED', 9, 2, 2]], 'SUCCESS → STARTED'],
    [
      'opens an epoch while it runs',
      'PENDING',
      [...lived.slice(0, 2), ['PENDING', 2, 0, 2]],
      'STARTED → PENDING',
    ],
    ['succeeds unseen', 'SUCCESS', [lived[0], ['SUCCESS', 1, 0]], 'PENDING → SUCCESS'],
    ['goes back in time', 'STARTED', [lived[0], ['STARTED', -1, 1]], 'goes back in time'],
    ['takes over without saying so', 'STARTED', [...lived.slice(0, 2), ['STARTED', 2, 1]], 'no reason given'],
    [
      'counts a lost worker as an attempt',
      'STARTED',
      [...lived.slice(0, 2), ['STARTED', 2, 2, 1, lostWorker]],
      'attempt 1 → 2',
    ],
    ['skips an attempt', 'STARTED', [lived[0], ['STARTED', 1, 2]], 'attempt 0 → 2'],
    [
      'keeps its epoch when it is opened again',
      'PENDING',
      [...lived.slice(0, 6), ['PENDING', 6, 0, 1]],
      'epoch 1 → 1',
    ],
    [
      'has one attempt too many',
      'STARTED',
      [...lived.slice(0, 5), ['RETRY', 6, 2], ['STARTED', 7, 3]],
      'attempt 3 of 2',
    ],
  ] as const)('that %s is at fault', (_, state, timeline, fault) => {
    expect(timelineFaults(toldTask(state, timeline)).join('\n')).toContain(fault);
  });
});
