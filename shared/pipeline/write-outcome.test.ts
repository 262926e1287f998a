import { describe, expect, it } from 'vitest';
import { setFixtureScene } from './fixture-scene.ts';

/** A store that refuses every save of an outcome until `from`, in milliseconds after the start. */
function away(scene: ReturnType<typeof setFixtureScene>, from: number): void {
  const { store, clock } = scene.ports;
  const begin = clock.now();
  const save = store.save.bind(store);
  store.save = async (next, previous, options) => {
    if (next.state === 'SUCCESS' && clock.now() < begin + from) throw new Error('the store is away');
    return save(next, previous, options);
  };
}

describe('an outcome that the store does not take at once', () => {
  it('is kept until the store is back, and the work is not done again', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'ok' });
    away(scene, 6500);
    const polled = scene.worker.poll();
    await scene.ports.clock.advance(7000);
    await polled;
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 0 });
    expect(scene.runs.contexts).toHaveLength(1);
    expect(scene.worker.faults).toEqual([]);
    expect(scene.ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('is given up before its lease is over, and the message is kept', async () => {
    const scene = setFixtureScene();
    await scene.submit({ mode: 'ok' });
    away(scene, 60_000);
    const polled = scene.worker.poll();
    await scene.ports.clock.advance(15_000);
    await polled;
    expect(scene.worker.faults).toMatchObject([{ message: 'the store is away' }]);
    expect(scene.ports.queue.depth('default')).toEqual({ visible: 0, hidden: 1 });
  });

  it('is given up at once when its function is about to end', async () => {
    const scene = setFixtureScene({ runMs: 500 });
    await scene.submit({ mode: 'ok' });
    away(scene, 60_000);
    await scene.worker.poll();
    expect(scene.worker.faults).toMatchObject([{ message: 'the store is away' }]);
  });
});
