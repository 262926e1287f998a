import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alarmContext, expectMails, synthesisPatience } from './alarm-stories.ts';
import { ask, submitTask, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import type { Target } from './target.ts';
import { type AlarmWatch, watchAlarms } from './watch-alarms.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
let alarms: AlarmWatch;
beforeAll(async () => {
  laptop = await startLaptopTarget({ context: alarmContext });
  ({ target, powers } = laptop);
  alarms = watchAlarms(target);
}, synthesisPatience);
afterAll(() => laptop.stop());

const alarmIs: AlarmWatch['alarmIs'] = (...given) => alarms.alarmIs(...given);
const alarmTurns: AlarmWatch['alarmTurns'] = (...given) => alarms.alarmTurns(...given);

describe('while nothing is wrong', () => {
  it('no alarm is on, and every one has been judged within seven minutes of the start', async () => {
    await submitTask(target, { task: 'test_celery', input: { message: 'hello' } });
    await target.passTime(7 * 60);
    const states = [...(await alarms.all())].map(([name, { state }]) => [name, state]);
    expect(states).not.toEqual([]);
    expect(states.filter(([, state]) => state !== 'OK')).toEqual([]);
    expect(powers.printed.filter((line) => line.startsWith('alarm '))).toEqual([]);
  });
});

describe('a task that fails for good', () => {
  it('is told until an operator lets it run again with better input', async () => {
    const hopeless = { task: 'run_steps', input: { steps: 1, fail_first: 10 } };
    const taskId = await submitTask(target, hopeless);
    const { reason } = await alarmIs('default-dead-letters', 'ALARM');
    expect(reason).toMatch(/1 out of the last 1 datapoint \[1\.0 \(.*\)\] was greater than or equal to/);
    await taskUntil(target, taskId, ({ state }) => expect(state).toBe('FAILURE'));

    const json = { input: { steps: 1 } };
    expect((await ask(target, 'POST', `/api/v1/tasks/${taskId}/retry`, { json })).status).toBe(202);
    await alarmIs('default-dead-letters', 'OK');
  });
});

describe('a message that is no task', () => {
  it('is told until somebody takes its letter away', async () => {
    await powers.send('priority', 'not a task');
    await alarmIs('priority-dead-letters', 'ALARM');
    expect(await powers.takeMessages('priority dead letters')).toEqual(['not a task']);
    await alarmIs('priority-dead-letters', 'OK');
  });
});

describe('half an hour in which nobody is called, as when a laptop sleeps', () => {
  const queues = ['default', 'priority', 'geo_processing'] as const;

  it('is told of the reconciler until it is called again', async () => {
    for (const queue of queues) await powers.pause(queue);
    const echo = { task: 'test_celery', input: { message: 'hello?' } };
    await submitTask(target, echo);
    await submitTask(target, { ...echo, priority: 'high' });
    await submitTask(target, { task: 'probe_raster', input: { tree_item_id: 'no-such-item' } });
    powers.jump(29 * 60);
    const { reason } = await alarmTurns('reconciler-silent', 'ALARM');
    expect(reason).toContain('missing datapoints were treated as [Breaching]');
    await alarmIs('reconciler-silent', 'OK');
  });

  it('is told of tasks that no worker has taken yet, until a worker does', async () => {
    for (const queue of queues) await alarmIs(`${queue}-age`, 'ALARM', 4);
    await alarmIs('oldest-unfinished-task', 'ALARM', 4);
    for (const queue of queues) await powers.resume(queue);
    for (const queue of queues) await alarmIs(`${queue}-age`, 'OK');
    await alarmIs('oldest-unfinished-task', 'OK');
    const line = (queue: string) => powers.printed.find((one) => one.includes(`${queue}-age: OK -> ALARM`));
    for (const queue of queues) expect(line(queue)).toMatch(/2 out of the last 3 datapoints \[18\d\d\.0 /);
  });
});

describe('a function that crashes', () => {
  it('is told when it does so twice, until it runs well', async () => {
    for (let minute = 0; minute < 2; minute++) {
      const slow = { task: 'run_steps', input: { steps: 1, seconds: 30 } };
      const taskId = await submitTask(target, slow);
      await taskUntil(target, taskId, ({ state }) => expect(state).toBe('STARTED'));
      await powers.killWorkers();
      await ask(target, 'POST', `/api/v1/tasks/${taskId}/cancel`, { json: {} });
      expect((await alarms.all()).get('default-worker-errors')).toMatchObject({ state: 'OK' });
      await target.passTime(60);
    }
    await alarmIs('default-worker-errors', 'ALARM', 1);
    await alarmIs('default-worker-errors', 'OK');
  });

  it('is told when it cannot do what a rule calls it for', async () => {
    for (let minute = 0; minute < 2; minute++) {
      await expect(powers.fireRule('no_such_schedule', '2026-01-01T02:00:00Z')).rejects.toThrow();
      await target.passTime(60);
    }
    await alarmIs('beat-errors', 'ALARM', 1);
    await alarmIs('beat-errors', 'OK');
  });
});

it('somebody was mailed of each of these alarms when it went on and when it ended', () => {
  expectMails('alarms.test.ts', powers.printed);
});
