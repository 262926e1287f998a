import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readTask, submitTask } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import type { Target } from './target.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
beforeAll(async () => {
  laptop = await startLaptopTarget();
  ({ target, powers } = laptop);
});
afterAll(() => laptop.stop());

const seconds = 1000;
const minutes = 60 * seconds;

const itemsUnder = async (pk: string, sk: string) =>
  (await powers.everyItem()).filter((item) => item['pk'] === pk && String(item['sk']).startsWith(sk));
const recordedSteps = (taskId: string) => itemsUnder(`task#${taskId}`, 'step#');
const effects = (taskId: string) => itemsUnder(`run_steps#${taskId}`, '');

/**
 * Lets the 30 seconds of each step go by under the task that runs it, until it `isThere`. The worker renews its lease by
 * timers that know nothing of it, and by each report of progress, one a step: time goes by after such a report only.
 */
async function passUntil(
  taskId: string,
  isThere: (record: Readonly<Record<string, unknown>>) => boolean,
): Promise<void> {
  for (;;) {
    const record = await powers.storedRecord(taskId);
    if (isThere(record)) return;
    if (Number(record['leaseUntil'] ?? 0) > target.now() + 40 * seconds) {
      // The next step is about to begin; a jump before that would be none of its time.
      await pause(30);
      powers.jump(31);
    }
    await pause(15);
  }
}

describe('a task of 80 steps that takes 40 minutes, where no worker runs for longer than five', () => {
  it('goes on from worker to worker, through the death of one, and repeats no step', {
    timeout: 240_000,
  }, async () => {
    const taskId = await submitTask(target, { task: 'run_steps', input: { steps: 80, seconds: 30 } });
    await passUntil(taskId, ({ progress }) => Number(progress ?? 0) >= 40);
    const recorded = await recordedSteps(taskId);
    await vi.waitFor(async () => expect(await effects(taskId)).toHaveLength(recorded.length + 1), 10_000);
    expect(await powers.killWorkers()).toBeGreaterThan(0);
    // The lease runs out, and the reconciler sends another worker.
    powers.jump(60);
    await passUntil(taskId, ({ finishedAt }) => finishedAt !== undefined);

    const record = await readTask(target, taskId);
    expect(record).toMatchObject({ state: 'SUCCESS', attempts: 1, epoch: 1 });
    const took = Date.parse(record.finished_at ?? '') - Date.parse(record.started_at ?? '');
    expect(took).toBeGreaterThanOrEqual(40 * minutes);
    expect(took).toBeLessThan(70 * minutes);
    // The step in which the worker died had had its effect, and nobody knew: once more, as any step may be.
    expect(record.result).toEqual({ steps: 80, effects: 81, repeated: 0 });

    const stored = await powers.storedRecord(taskId);
    const lost = record.timeline.filter(({ detail }) => detail === 'the worker before was lost');
    expect(lost).toMatchObject([{ state: 'STARTED', attempt: 1 }]);
    expect(Number(stored['claim'])).toBeGreaterThanOrEqual(2400 / 300);
    const steps = await recordedSteps(taskId);
    expect(steps).toHaveLength(80);
    const claims = new Set(steps.map(({ claim }) => claim));
    expect(claims.size).toBeGreaterThanOrEqual(2400 / 300);
  });
});
