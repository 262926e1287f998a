import { expect, it } from 'vitest';
import { lostWorkerBound, minute, type Run, second, setScene } from './scene.ts';

it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
  'a poison task with %d before it in a batch of ten ends WorkerLost; the nine others lose one worker each',
  async (place) => {
    let deaths = 0;
    const scene = setScene(async ({ name, process }: Run) => {
      await process.sleep(second);
      if (name === 'poison') {
        deaths++;
        process.die();
      }
      await process.sleep(second);
      return 'done';
    });
    const taskIds: string[] = [];
    for (let n = 0; n < 10; n++) {
      taskIds.push(await scene.submit({ input: { name: n === place ? 'poison' : 'harmless' } }));
    }
    const poison = taskIds[place] ?? '';
    const others = taskIds.filter((taskId) => taskId !== poison);
    void scene.worker().poll();
    await scene.wait(second);
    expect({ deaths, runs: scene.runs.length }).toEqual({ deaths: 1, runs: 10 });

    const again = () =>
      others.every((taskId) => scene.runs.filter((run) => run.taskId === taskId).length === 2);
    await scene.liveUntil(again, lostWorkerBound);
    await scene.live(5 * minute);
    for (const taskId of others) {
      expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 1, claim: 2 });
      expect(await scene.history(taskId)).toBe('PENDING STARTED STARTED SUCCESS');
    }
    expect(deaths).toBe(3);
    const error = { type: 'WorkerLost' };
    expect(await scene.record(poison)).toMatchObject({
      state: 'FAILURE',
      attempts: 1,
      lost: 3,
      error,
      deadLetter: 'sent',
    });
    expect(await scene.history(poison)).toBe('PENDING STARTED STARTED STARTED FAILURE');
    expect(scene.letters()).toMatchObject([{ taskId: poison, epoch: 2, dead: true, error }]);
    expect(scene.runs).toHaveLength(3 + 9 * 2);
  },
);
