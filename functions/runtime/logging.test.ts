import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordIn } from '#shared/contracts/record-fixtures.ts';
import { createLog, isSampled, type LogEnvironment, logForInvocation, logForTask } from './logging.ts';

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const written = () => lines.map((line) => JSON.parse(line));

function logOf(service: string, changes: Partial<LogEnvironment> = {}) {
  return createLog(service, { STAGE: 'dev', LOG_LEVEL: 'INFO', DEBUG_SAMPLE_RATE: 0, ...changes });
}

describe('createLog', () => {
  it('writes JSON lines from its level up, with the fields of every with()', () => {
    const log = logOf('api', { LOG_LEVEL: 'WARN' });
    log.info('too low');
    log.with({ a: 1 }).with({ b: 2 }).warn('here', { b: 3, c: 4 });
    expect(written()).toEqual([
      expect.objectContaining({
        ...{ level: 'WARN', message: 'here', service: 'api', stage: 'dev' },
        ...{ a: 1, b: 3, c: 4 },
      }),
    ]);
  });

  it('does not carry the fields of one task into the lines of another', () => {
    const invocation = logForInvocation(logOf('worker'), { awsRequestId: 'invocation-1' });
    const one = logForTask(invocation, recordIn('STARTED', { taskId: 'one', correlationId: 'request-1' }));
    const two = logForTask(
      invocation,
      recordIn('STARTED', { taskId: 'two', correlationId: null, attempts: 3 }),
    );
    one.info('x', { only: 'one' });
    two.info('y');
    expect(written()).toMatchObject([
      {
        task_id: 'one',
        attempt: 1,
        function_request_id: 'invocation-1',
        only: 'one',
        correlation_id: 'request-1',
      },
      {
        ...{ task_id: 'two', attempt: 3, epoch: 1, queue: 'default', tenant: 'acme' },
        task: 'enrich_location_data',
      },
    ]);
    expect(written()[1]).not.toHaveProperty('only');
    expect(written()[1]).not.toHaveProperty('correlation_id');
  });

  it('tells an error with its words, its place and the names of its causes, and nothing else of it', () => {
    const cause = Object.assign(new TypeError('inner'), { input: 's3cret' });
    const error = Object.assign(new RangeError('outer', { cause }), { Item: { input: 's3cret' } });
    logOf('api').error('failed', { error });
    expect(written()[0]).toMatchObject({ level: 'ERROR' });
    expect(written()[0].error).toEqual({
      name: 'RangeError',
      message: 'outer: inner',
      stack: expect.stringMatching(/^at .*logging\.test\.ts:\d+:\d+/),
      causes: ['TypeError'],
    });
  });

  it('tells no words of an error where these may quote a task’s input', () => {
    const log = logOf('worker').withoutWords().with({ attempt: 1 });
    log.warn('failed', {
      error: new RangeError('s3cret\n    at s3cret', { cause: new TypeError('s3cret') }),
    });
    log.warn('failed', { error: 's3cret' });
    log.warn('failed', { reason: new RangeError('s3cret') });
    expect(written()).toMatchObject([
      {
        error: {
          name: 'RangeError',
          causes: ['TypeError'],
          stack: expect.stringContaining('logging.test.ts'),
        },
      },
      { error: { name: 'string' } },
      { reason: { name: 'RangeError' } },
    ]);
    expect(lines.join()).not.toContain('s3cret');
  });

  it('is not broken by an error whose parts cannot be read', () => {
    const hostile = new Proxy(new Error('x'), {
      get() {
        throw new Error('unreadable');
      },
    });
    logOf('worker').warn('failed', { error: hostile });
    expect(written()).toMatchObject([{ message: 'failed', error: { name: 'Error' } }]);
  });
});

describe('DEBUG lines', () => {
  const sampledAt = (rate: number) => (id: string) => isSampled(id, rate);
  const ids = Array.from({ length: 2000 }, (_, index) => `request-${index}`);

  it.each([
    ['where Lambda has a level too', 'DEBUG'],
    ['where it has none', ''],
  ])('are kept for the ids of the sample, by every function alike, and for nothing else: %s', (_, level) => {
    vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', level);
    const environment = { DEBUG_SAMPLE_RATE: 0.01 };
    const sampled = ids.filter(sampledAt(0.01));
    for (const log of [logOf('api', environment), logOf('worker', environment)]) {
      log.debug('of no request');
      for (const id of ids) log.about(id).with({ more: true }).debug('of a request');
      log.about(null).debug('of no request');
      log
        .about(sampled[0] ?? '')
        .about('request-0')
        .debug('of another request');
    }
    expect(written().map(({ correlation_id }) => correlation_id)).toEqual([...sampled, ...sampled]);
    expect(written()[0]).toMatchObject({ level: 'DEBUG', message: 'of a request', more: true });
  });

  it('are all kept where the level says so, and none where nothing is sampled', () => {
    logOf('api', { LOG_LEVEL: 'DEBUG' }).debug('kept');
    logOf('api').about('request-1').debug('not kept');
    expect(written().map(({ message }) => message)).toEqual(['kept']);
  });

  it('are those of about as large a share as was asked for', () => {
    for (const rate of [0.01, 0.1, 0.5]) {
      const share = ids.filter(sampledAt(rate)).length / ids.length;
      expect(Math.abs(share - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / ids.length));
    }
    expect(ids.filter(sampledAt(0))).toEqual([]);
    expect(ids.filter(sampledAt(1))).toEqual(ids);
  });

  it('are those of a larger share too', () => {
    const rates = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.string(), rates, (id, [one, other]) => {
        if (isSampled(id, Math.min(one, other))) expect(isSampled(id, Math.max(one, other))).toBe(true);
      }),
    );
  });
});
