import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AwsCall } from '#tools/chaos/aws-call.ts';
import { jsonFault } from '#tools/chaos/fault-answers.ts';
import { alarmContext, expectMails, synthesisPatience } from './alarm-stories.ts';
import { ask, submitTask, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import { type OrderedFaults, orderFaults } from './order-faults.ts';
import type { Target } from './target.ts';
import { type AlarmWatch, watchAlarms } from './watch-alarms.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
let faults: OrderedFaults;
let alarmIs: AlarmWatch['alarmIs'];
const started = new AsyncDisposableStack();
beforeAll(async () => {
  faults = orderFaults();
  started.defer(() => faults.stop());
  laptop = await startLaptopTarget({ context: alarmContext, emulatorAddress: faults.before });
  started.defer(() => laptop.stop());
  ({ target, powers } = laptop);
  ({ alarmIs } = watchAlarms(target));
}, synthesisPatience);
afterAll(() => started.disposeAsync());
afterEach(() => faults.end());

const hello = { task: 'test_celery', input: { message: 'hello' } };
const times = (count: number) => Array.from({ length: count }, (_, index) => index);
const listTasks = () => ask(target, 'GET', '/api/v1/tasks');
const toTables = ({ service, caller }: AwsCall) => service === 'DynamoDB' && caller.includes('Function');

describe('DynamoDB that fails for minutes', () => {
  const alarms = ['messages-kept', 'dynamodb-system-errors', 'reconciler-errors', 'api-5xx'];

  it('is told until it answers again, and every task is done then', async () => {
    await powers.pause('default');
    const taskIds = await Promise.all(times(6).map(() => submitTask(target, hello)));
    const mend = faults.answer(toTables, jsonFault(500, 'dynamodb', 'InternalServerError'));
    await powers.resume('default');
    const answers = await Promise.all(times(10).map(listTasks));
    expect(answers.map(({ status }) => status)).toEqual(times(10).map(() => 500));
    for (const alarm of alarms) await alarmIs(alarm, 'ALARM', 5);
    await alarmIs('pipeline-unhealthy', 'ALARM', 1);

    mend();
    for (const alarm of alarms) await alarmIs(alarm, 'OK');
    for (const taskId of taskIds) {
      await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    }
    await alarmIs('pipeline-unhealthy', 'OK', 40);
  });
});

describe('forty callers at once', () => {
  it('are more than there are places for, and more than a hot table answers', async () => {
    const hot = jsonFault(400, 'dynamodb', 'ProvisionedThroughputExceededException');
    for (const _minute of [1, 2]) {
      const mend = faults.answer(toTables, hot);
      const answers = await Promise.all(times(40).map(listTasks));
      expect(answers.map(({ status }) => status)).not.toContain(200);
      mend();
      await target.passTime(60);
    }
    for (const alarm of ['throttles', 'dynamodb-throttles']) await alarmIs(alarm, 'ALARM', 1);
    for (const alarm of ['throttles', 'dynamodb-throttles']) await alarmIs(alarm, 'OK');
  });
});

describe('an API that crashes', () => {
  it('is told when it does so twice, until it runs well', async () => {
    const api = [...laptop.cloud.functions.keys()].find((name) => name.includes('HttpApiFunction'));
    for (const _minute of [1, 2]) {
      const held = faults.hold(({ caller, operation }) => caller === api && operation === 'Query');
      const answer = listTasks();
      await held.reach(1);
      await laptop.cloud.kill(api);
      expect((await answer).status).toBe(500);
      held.release();
      await target.passTime(60);
    }
    await alarmIs('api-errors', 'ALARM', 1);
    expect((await listTasks()).status).toBe(200);
    await alarmIs('api-errors', 'OK');
  });
});

describe('tasks that fail one after the other', () => {
  it('are told until five minutes have passed with fewer', async () => {
    const hopeless = { task: 'probe_raster', input: { tree_item_id: 'no-such-item' } };
    for (const _time of times(7)) {
      const taskId = await submitTask(target, hopeless);
      await taskUntil(target, taskId, ({ state }) => expect(state).toBe('FAILURE'));
    }
    await alarmIs('task-failures', 'ALARM', 2);
    await alarmIs('task-failures', 'OK');
  });
});

describe('a rule that may no longer call its function', () => {
  const withoutGrantsOf = (fn: string) => {
    const { permissions } = laptop.cloud;
    const { invokeGrants } = permissions;
    onTestFinished(() => permissions.change({ invokeGrants }));
    permissions.change({
      invokeGrants: invokeGrants.filter(({ functionName }) => !functionName.includes(fn)),
    });
    return () => permissions.change({ invokeGrants });
  };

  it('is told, and so is the schedule that was missed for it', { timeout: 120_000 }, async () => {
    const now = new Date(target.now());
    const two = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1, 2);
    await target.passTime((two - target.now()) / 1000 - 60);
    const restore = withoutGrantsOf('BeatFunction');
    const mend = faults.answer(
      ({ operation, request }) =>
        operation === 'SendMessage' && String(request['QueueUrl']).includes('UndeliveredEvents'),
      jsonFault(403, 'sqs', 'AccessDenied'),
    );
    await alarmIs('rule-failures', 'ALARM', 3);
    mend();
    restore();
    await alarmIs('rule-failures', 'OK', 6);
    const { reason } = await alarmIs('missed-schedules', 'ALARM', 12);
    expect(reason).toContain('[1.0 ');
    await alarmIs('missed-schedules', 'OK', 8);
  });

  it('is told of the event that it left behind, until somebody takes it away', async () => {
    const restore = withoutGrantsOf('ReconcilerFunction');
    await alarmIs('rule-dead-letters', 'ALARM', 2);
    restore();
    expect(await powers.takeMessages('undelivered events')).not.toEqual([]);
    await alarmIs('rule-dead-letters', 'OK', 2);
  });
});

it('somebody was mailed of each of these alarms when it went on and when it ended', () => {
  expectMails('alarms-of-faults.test.ts', powers.printed);
});
