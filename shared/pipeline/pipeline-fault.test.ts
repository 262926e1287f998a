import { describe, expect, it, vi } from 'vitest';
import { fixed } from '../lifecycle/backoff.ts';
import { asPipelineFault } from './pipeline-fault.ts';
import { type SceneTask, setTaskScene } from './task-scene.ts';

const down = new Error('the store is down');

describe('a record that cannot be made', () => {
  it('is a fault of the store, whatever that throws', async () => {
    for (const thrown of [down, 'down', undefined]) {
      await expect(asPipelineFault('record step one', () => Promise.reject(thrown))).rejects.toMatchObject({
        ...{ name: 'PipelineFault', message: 'the pipeline could not record step one', cause: thrown },
      });
    }
    await expect(asPipelineFault('do it', async () => 'recorded')).resolves.toBe('recorded');
  });

  const work: SceneTask['work'] = ({ name }, { step }) =>
    name === 'steps' ? step('one', async () => 'x'.repeat(5000)) : Promise.resolve('x'.repeat(5000));

  it.each(['saveStep', 'put of a step', 'put of the result'])(
    'is followed by another attempt, though the policy names other errors: %s',
    async (what) => {
      const retry = { max: 1, delay: fixed(60), only: ['UpstreamError'], never: ['PipelineFault'] };
      const { ports, submit, poll, record } = setTaskScene({ definition: { retry }, work });
      const taskId = await submit({ name: what === 'put of the result' ? 'result' : 'steps' });
      const faulty =
        what === 'saveStep' ? vi.spyOn(ports.store, 'saveStep') : vi.spyOn(ports.payloads, 'put');
      faulty.mockRejectedValueOnce(down);
      await poll();
      expect(faulty).toHaveBeenCalled();
      expect(await record(taskId)).toMatchObject({ state: 'RETRY', error: { type: 'PipelineFault' } });
      await ports.clock.advance(60_000);
      await poll();
      expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 2 });
    },
  );

  it('of what JSON cannot carry is the fault of the work', async () => {
    const { submit, poll, record } = setTaskScene({ work: (_, { step }) => step('big', async () => 1n) });
    const taskId = await submit();
    await poll();
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', error: { type: 'NotJson' } });
  });
});
