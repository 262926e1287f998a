import { describe, expect, it } from 'vitest';
import { readBatchResponse } from './read-batch-response.ts';

const IDS = ['a', 'b', 'c'];

describe('a batch response', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a null list', { batchItemFailures: null }],
    ['an empty list', { batchItemFailures: [] }],
  ])('is a complete success with %s', (_what, payload) => {
    expect(readBatchResponse(payload, IDS)).toEqual({ kind: 'succeeded' });
  });

  it('keeps the listed messages, each once', () => {
    const payload = {
      batchItemFailures: [{ itemIdentifier: 'c' }, { itemIdentifier: 'a' }, { itemIdentifier: 'c' }],
    };
    expect(readBatchResponse(payload, IDS)).toEqual({ kind: 'partial', failedIds: new Set(['a', 'c']) });
  });

  it.each([
    ['an unknown id', { batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'zz' }] }, 'zz'],
    ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }, 'itemIdentifier'],
    ['a null id', { batchItemFailures: [{ itemIdentifier: null }] }, 'itemIdentifier'],
    ['a bad key name', { batchItemFailures: [{ messageId: 'a' }] }, 'itemIdentifier'],
    ['a list of bare ids', { batchItemFailures: ['a'] }, 'batchItemFailures'],
    ['no list', { batchItemFailures: 'a' }, 'batchItemFailures'],
    ['a string', 'ok', 'expected object'],
  ])('fails the whole batch with %s, saying why', (_what, payload, reason) => {
    expect(readBatchResponse(payload, IDS)).toEqual({
      kind: 'failed',
      reason: expect.stringContaining(reason),
    });
  });
});
