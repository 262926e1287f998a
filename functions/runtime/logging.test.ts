import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordIn } from '#shared/contracts/record-fixtures.ts';
import { createLog, logForInvocation, logForTask } from './logging.ts';

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const written = () => lines.map((line) => JSON.parse(line));

describe('createLog', () => {
  it('writes JSON lines from its level up, with the fields of every with()', () => {
    const log = createLog({ service: 'api', stage: 'dev', level: 'WARN' });
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
    const log = createLog({ service: 'worker', stage: 'dev', level: 'INFO' });
    const invocation = logForInvocation(log, { awsRequestId: 'invocation-1' });
    const one = logForTask(invocation, recordIn('STARTED', { taskId: 'one' }));
    const two = logForTask(invocation, recordIn('STARTED', { taskId: 'two', attempts: 3 }));
    one.info('x', { only: 'one' });
    two.info('y');
    expect(written()).toMatchObject([
      { task_id: 'one', attempt: 1, function_request_id: 'invocation-1', only: 'one' },
      {
        ...{ task_id: 'two', attempt: 3, epoch: 1, queue: 'default', tenant: 'acme' },
        task: 'enrich_location_data',
      },
    ]);
    expect(written()[1]).not.toHaveProperty('only');
  });

  it('tells an error with its type, its stack and its cause', () => {
    const log = createLog({ service: 'api', stage: 'dev', level: 'INFO' });
    log.error('failed', { error: new RangeError('outer', { cause: new TypeError('inner') }) });
    expect(written()[0]).toMatchObject({
      level: 'ERROR',
      error: { name: 'RangeError', message: 'outer', cause: { name: 'TypeError', message: 'inner' } },
    });
  });
});
