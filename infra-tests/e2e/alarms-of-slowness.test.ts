import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { AwsCall } from '#tools/chaos/aws-call.ts';
import { alarmContext, expectMails, synthesisPatience } from './alarm-stories.ts';
import { ask, submitTask, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import { type OrderedFaults, orderFaults } from './order-faults.ts';
import { gradientPng, uploadImage } from './raster-calls.ts';
import type { Target } from './target.ts';
import { type AlarmWatch, watchAlarms } from './watch-alarms.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
let faults: OrderedFaults;
let alarms: AlarmWatch;
const started = new AsyncDisposableStack();
beforeAll(async () => {
  faults = orderFaults();
  started.defer(() => faults.stop());
  laptop = await startLaptopTarget({ context: alarmContext, emulatorAddress: faults.before });
  started.defer(() => laptop.stop());
  ({ target, powers } = laptop);
  alarms = watchAlarms(target);
}, synthesisPatience);
afterAll(() => started.disposeAsync());
afterEach(() => faults.end());

const minutes = 60;
const converting = z.object({ task_id: z.string() });

/** Uploads an image and has it converted; resolves with the task's id. */
async function convert(name: string): Promise<string> {
  const bytes = gradientPng(64, 48);
  const path = await uploadImage(target, { name, contentType: 'image/png', bytes });
  const { status, body } = await ask(target, 'POST', `${path}/convert-to-geo-raster`);
  expect(status).toBe(202);
  return converting.parse(body).task_id;
}

const reaches = (taskId: string, wanted: string) =>
  taskUntil(target, taskId, ({ state }) => expect(state).toBe(wanted));
const readsFile = ({ service, caller }: AwsCall) =>
  service === 'S3' && caller.includes('GeoProcessingWorker');

describe('requests that take many seconds', () => {
  it('are told after a quarter of an hour, until requests are answered soon', async () => {
    for (const _span of [1, 2, 3]) {
      const held = faults.hold(
        ({ caller, operation }) => caller.includes('HttpApi') && operation === 'Query',
      );
      const answer = ask(target, 'GET', '/api/v1/tasks');
      await held.reach(1);
      powers.jump(11);
      held.release();
      expect((await answer).status).toBe(200);
      await target.passTime(5 * minutes);
    }
    await alarms.alarmIs('api-latency', 'ALARM', 1);
    await alarms.alarmIs('api-latency', 'OK', 30);
  });
});

describe('two large files at a time', () => {
  it('take every place of their worker, which is told until one is free', async () => {
    const held = faults.hold(readsFile);
    const taskIds = [await convert('one.png'), await convert('other.png')];
    await held.reach(2);
    powers.jump(16 * minutes);
    await alarms.alarmTurns('geo-processing-worker-concurrency', 'ALARM');
    held.release();
    for (const taskId of taskIds) await reaches(taskId, 'SUCCESS');
    await alarms.alarmIs('geo-processing-worker-concurrency', 'OK');
  });
});

describe('tasks that take nearly as long as their worker may', () => {
  it('are told for the default worker when they do so again, until they are quicker', async () => {
    for (const _span of [1, 2]) {
      const taskId = await submitTask(target, { task: 'run_steps', input: { steps: 1, seconds: 2 } });
      await reaches(taskId, 'STARTED');
      powers.jump(5 * minutes);
      await reaches(taskId, 'SUCCESS');
      await target.passTime(5 * minutes);
    }
    await alarms.alarmIs('default-worker-duration', 'ALARM', 1);
    await alarms.alarmIs('default-worker-duration', 'OK', 40);
  });

  it('are told for the worker of geo-rasters, though each is dated back by a quarter of an hour', async () => {
    for (const _span of [1, 2]) {
      const held = faults.hold(readsFile);
      const taskId = await convert('large.png');
      await held.reach(1);
      powers.jump(14 * minutes);
      held.release();
      await reaches(taskId, 'SUCCESS');
      await target.passTime(5 * minutes);
    }
    await alarms.alarmIs('geo-processing-worker-duration', 'ALARM', 1);
    await alarms.alarmIs('geo-processing-worker-duration', 'OK', 60);
  });
});

describe('a file that takes its worker’s memory, ten minutes after it was begun', () => {
  it('is told though its errors are dated back, and again as a dead letter, until it is converted', async () => {
    const held = faults.hold(readsFile);
    const taskId = await convert('huge.png');
    for (let death = 1; death <= 3; death++) {
      await held.reach(death);
      powers.jump(10 * minutes);
      expect(await powers.killWorkers('geo_processing')).toBeGreaterThan(0);
      // The lease runs out, and the reconciler sends another worker.
      powers.jump(2 * minutes);
    }
    await reaches(taskId, 'FAILURE');
    await alarms.alarmIs('geo-processing-worker-errors', 'ALARM', 1);
    await alarms.alarmIs('geo_processing-dead-letters', 'ALARM', 1);

    held.release();
    expect((await ask(target, 'POST', `/api/v1/tasks/${taskId}/retry`, { json: {} })).status).toBe(202);
    await reaches(taskId, 'SUCCESS');
    await alarms.alarmIs('geo_processing-dead-letters', 'OK');
    await alarms.alarmIs('geo-processing-worker-errors', 'OK', 50);
  });
});

it('somebody was mailed of each of these alarms when it went on and when it ended', () => {
  expectMails('alarms-of-slowness.test.ts', powers.printed);
});
