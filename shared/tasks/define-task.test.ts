import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fixed } from '../lifecycle/backoff.ts';
import { defineTask, type TaskDefinition } from './define-task.ts';

const usual = { name: 'usual', description: 'A task for tests.', input: z.string(), output: z.null() };
const define = (changes: Partial<TaskDefinition<string, null>>) => defineTask({ ...usual, ...changes });

describe('a task', () => {
  it('may leave out all that is usual', () => {
    expect(define({})).toMatchObject({
      ...{ queue: 'default', timeLimit: { soft: 240, hard: 300 }, retry: { max: 3 }, resultExpires: 3600 },
    });
    expect(define({})).not.toHaveProperty('rateLimit');
    expect(define({})).not.toHaveProperty('concurrency');
  });

  it('may take longer than an invocation, wait for a rate and for others of its key', () => {
    const limits = {
      timeLimit: { soft: 60, hard: 90, total: 91 },
      rateLimit: '10/m',
      concurrency: { most: 1, key: (input: string) => input },
    };
    expect(define(limits)).toMatchObject(limits);
  });

  it.each<[string, Partial<TaskDefinition<string, null>>]>([
    ['timeLimit.soft must be below', { timeLimit: { soft: 90, hard: 90 } }],
    ['timeLimit.soft must be below', { timeLimit: { soft: Number.NaN, hard: 90 } }],
    ['timeLimit.total must be above', { timeLimit: { soft: 60, hard: 90, total: 90 } }],
    ['timeLimit.total must be above', { timeLimit: { soft: 60, hard: 90, total: Number.NaN } }],
    ['is no rate', { rateLimit: '10 per minute' }],
    ['is no rate', { rateLimit: '' }],
    ['concurrency.most must be', { concurrency: { most: 0, key: String } }],
    ['concurrency.most must be', { concurrency: { most: 1.5, key: String } }],
    ['concurrency.most must be', { concurrency: { most: Number.POSITIVE_INFINITY, key: String } }],
    ['retry.max must be', { retry: { max: -1, delay: fixed(1) } }],
    ['must be snake_case', { name: 'Usual' }],
  ])('that contradicts itself is refused: %s', (reason, changes) => {
    expect(() => define(changes)).toThrow(reason);
    expect(() => define(changes)).toThrow(changes.name ?? 'usual');
  });
});
