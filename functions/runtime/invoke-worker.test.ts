import { expect, it } from 'vitest';
import { recordIn } from '#shared/contracts/record-fixtures.ts';
import { createInvokeWorker } from './invoke-worker.ts';
import { readSqsEvent } from './read-sqs-event.ts';

const record = recordIn('PENDING', { queue: 'priority', epoch: 2 });
const workers = {
  priority: {
    functionName: 'worker',
    queueUrl: 'https://sqs.eu-central-1.amazonaws.com/123456789012/celeriac-p',
  },
};
const { signal } = new AbortController();

/** Lambda whose functions end by `fault`, and what they were called with. */
function lambdaThat(fault: string | null) {
  const calls: { functionName: string; event: unknown }[] = [];
  const invoke = async (functionName: string, event: unknown) => {
    calls.push({ functionName, event });
    return fault;
  };
  return { calls, lambda: { invoke } };
}

it('calls the worker with an event that it reads as one delivery that no queue holds', async () => {
  const { lambda, calls } = lambdaThat(null);
  await createInvokeWorker(lambda, workers)(record, signal);
  expect(calls).toMatchObject([{ functionName: 'worker' }]);
  const [delivery, ...more] = readSqsEvent(calls[0]?.event, new Map([['celeriac-p', 'priority']]));
  expect(more).toEqual([]);
  expect(delivery).toMatchObject({ queue: 'priority', messageId: record.taskId, receipt: null });
  expect(JSON.parse(delivery?.body ?? '')).toEqual({ v: 1, taskId: record.taskId, epoch: 2 });
});

it('throws for a worker that ended by an error, with its words', async () => {
  const { lambda } = lambdaThat('{"errorType":"Runtime.ExitError"}');
  await expect(createInvokeWorker(lambda, workers)(record, signal)).rejects.toMatchObject({
    name: 'WorkerFault',
    message: expect.stringContaining('Runtime.ExitError'),
  });
});

it('names the queue whose worker it was not granted', async () => {
  const { lambda } = lambdaThat(null);
  const asked = createInvokeWorker(lambda, workers)({ ...record, queue: 'default' }, signal);
  await expect(asked).rejects.toThrow('the worker of the queue "default": grant it in the template');
});
