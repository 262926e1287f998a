import { describe, expect, it } from 'vitest';
import { setFixtureScene } from './fixture-scene.ts';
import { retryTask } from './retry-task.ts';
import { sweepDeadLetters } from './sweep-dead-letters.ts';

/** A scene in which so many tasks have used up their attempts; resolves with it and their ids. */
async function withLetters(count: number) {
  const scene = setFixtureScene();
  const taskIds: string[] = [];
  for (let n = 0; n < count; n++) taskIds.push(await scene.submit({ mode: 'fail' }));
  while (scene.ports.queue.deadLetters('default').length < count) {
    await scene.ports.clock.advance(60_000);
    while ((await scene.worker.poll()) > 0);
  }
  const sweep = (deadline = Number.POSITIVE_INFINITY) =>
    sweepDeadLetters(scene.ports, ['default', 'priority'], deadline);
  const runAgain = (taskId: string) => retryTask(scene.ports, { tenant: 'acme', taskId, by: 'ada' });
  return { ...scene, taskIds, sweep, runAgain };
}

describe('sweepDeadLetters', () => {
  it('removes the letters of tasks that were run again, and shows the others at once', async () => {
    const { ports, taskIds, sweep, runAgain } = await withLetters(12);
    for (const taskId of taskIds.slice(3, 6)) await runAgain(taskId);
    expect(await sweep()).toEqual({ lookedAt: 12, removed: 3, hidden: [] });
    expect(ports.queue.deadLetters('default')).toHaveLength(9);
    expect(await sweep()).toEqual({ lookedAt: 9, removed: 0, hidden: [] });
  });

  it('finds one behind many that still count', async () => {
    const { taskIds, sweep, runAgain } = await withLetters(120);
    await runAgain(taskIds.at(-1) ?? '');
    expect(await sweep()).toEqual({ lookedAt: 120, removed: 1, hidden: [] });
  });

  it('leaves alone what cannot be read and what has no record', async () => {
    const { ports, sweep } = await withLetters(0);
    const delivery = { queue: 'default', messageId: 'm', receipt: null } as const;
    await ports.queue.sendUnreadable({ ...delivery, body: 'no JSON' }, 'the body is not JSON');
    await ports.queue.sendDead('default', { v: 1, taskId: 'gone', epoch: 2, dead: true });
    expect(await sweep()).toEqual({ lookedAt: 2, removed: 0, hidden: [] });
    expect(ports.queue.deadLetters('default')).toHaveLength(2);
  });

  it('tells of a letter that could not be shown again at once', async () => {
    const { ports, sweep } = await withLetters(2);
    const refused = new Error('AccessDenied');
    ports.queue.putBackDead = async () => {
      throw refused;
    };
    expect(await sweep()).toEqual({ lookedAt: 2, removed: 0, hidden: [refused, refused] });
    await ports.clock.advance(60_000);
    expect(await ports.queue.receiveDead('default', 1)).toHaveLength(2);
  });

  it('begins nothing after its deadline', async () => {
    const { ports, sweep } = await withLetters(1);
    expect(await sweep(ports.clock.now())).toEqual({ lookedAt: 0, removed: 0, hidden: [] });
  });

  it('shows every letter again when one cannot be looked up', async () => {
    const { ports, taskIds, sweep } = await withLetters(3);
    const read = ports.store.read.bind(ports.store);
    ports.store.read = async (taskId) => {
      if (taskId === taskIds[2]) throw new Error('the store is away');
      return read(taskId);
    };
    await expect(sweep()).rejects.toThrow('the store is away');
    ports.store.read = read;
    expect(await sweep()).toMatchObject({ removed: 0 });
    expect(ports.queue.deadLetters('default')).toHaveLength(3);
  });
});
