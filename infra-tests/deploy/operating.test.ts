import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { ask, readTask, submitTask, taskUntil } from '../e2e/api-calls.ts';
import { runCommand } from '../e2e/run-command.ts';
import { type DeployedTarget, openDeployed } from './deployed-target.ts';

const deployed = inject('deployed');
if (deployed === undefined) throw new Error('no stage was deployed: run these tests by npm run test:deploy');
let opened: DeployedTarget;
beforeAll(async () => {
  opened = await openDeployed(deployed);
});
afterAll(async () => {
  // Other files count what lies there.
  await opened.powers.purge('default dead letters');
  await opened.stop();
});

const hello = { task: 'test_celery', input: { message: 'hello' } };
const state = (wanted: string) => (record: { state: string }) => expect(record.state).toBe(wanted);

describe('celeriac tokens create', () => {
  it('makes a token for a deployed table, with what the shell says of the account', async () => {
    const table = deployed.outputs['PipelineTableName'] ?? '';
    const words = ['tokens', 'create', '--name', 'shop', '--tenant', 'shop', '--table', table];
    const { code, stdout, stderr } = await runCommand('tools/cli/celeriac.ts', ...words).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const api = { url: deployed.url, token: stdout.trim() };
    const taskId = await submitTask(api, hello);
    expect((await ask(api, 'GET', `/api/v1/tasks/${taskId}`)).body).toMatchObject({ tenant: 'shop' });
  });
});

describe('a consumer that is switched off', () => {
  it('is told by the health check, until it is switched on', async () => {
    const { target, powers } = opened;
    const health = () => ask(target, 'GET', '/health', { token: null });
    await powers.pause('default');
    await vi.waitFor(
      async () => {
        expect(await health()).toMatchObject({
          ...{ status: 503, body: { errors: ['celery: the consumer of the queue is switched off'] } },
        });
      },
      { timeout: 30_000, interval: 500 },
    );
    await powers.resume('default');
    await vi.waitFor(async () => expect((await health()).status).toBe(200), {
      timeout: 30_000,
      interval: 500,
    });
  });
});

describe('a task that fails for as long as it tries', () => {
  it('is retried by its message, ends as a dead letter, is redriven, and runs with edited input', async () => {
    const { target, powers } = opened;
    const failing = { task: 'run_steps', input: { steps: 1, fail_first: 10 } };
    const taskId = await submitTask(target, failing);
    for (const attempts of [1, 2, 3]) {
      await taskUntil(target, taskId, (record) => expect(record.attempts).toBeGreaterThanOrEqual(attempts));
    }
    await taskUntil(target, taskId, state('FAILURE'));
    await vi.waitFor(async () => expect(await powers.countMessages('default dead letters')).toBe(1), 10_000);
    const answer = await ask(target, 'POST', '/api/v1/dead-letters/redrive', {
      json: { task_ids: [taskId] },
    });
    expect(answer.body).toMatchObject({ matched: 1, redriven: 1 });
    await taskUntil(target, taskId, (record) => {
      expect(record).toMatchObject({ ...{ epoch: 2, attempts: 1, state: 'RETRY' } });
    });
    await ask(target, 'POST', `/api/v1/tasks/${taskId}/cancel`);
    await taskUntil(target, taskId, state('CANCELLED'));
    const json = { input: { steps: 1 } };
    expect((await ask(target, 'POST', `/api/v1/tasks/${taskId}/retry`, { json })).status).toBe(202);
    expect(await taskUntil(target, taskId, state('SUCCESS'))).toMatchObject({ epoch: 3, attempts: 1 });
  });
});

describe('a message that is lost', () => {
  it('is sent again by the reconciler, which its rule runs each minute', { timeout: 240_000 }, async () => {
    const { target, powers } = opened;
    await powers.pause('default');
    const taskId = await submitTask(target, hello);
    await powers.purge('default');
    await powers.resume('default');
    await vi.waitFor(async () => state('SUCCESS')(await readTask(target, taskId)), {
      ...{ timeout: 200_000, interval: 1000 },
    });
    const reconciled = (await powers.logged('task reconciled')).filter((line) => line['task_id'] === taskId);
    expect(reconciled).toMatchObject([{ service: 'reconciler', outcome: 'hint-sent' }]);
  });
});

describe('a schedule', () => {
  it('is submitted once by a beat that is called twice', async () => {
    const { target } = opened;
    const lambda = new LambdaClient({});
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    const FunctionName = Functions.map((fn) => fn.FunctionName ?? '').find((name) =>
      name.startsWith(`Celeriac-${deployed.stage}-Pipeline-BeatFunction`),
    );
    const Payload = JSON.stringify({
      id: 'x',
      time: '2026-01-01T02:00:00Z',
      schedule: 'cleanup_old_results',
    });
    for (const _ of [1, 2]) {
      const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
      expect(FunctionError).toBeUndefined();
    }
    lambda.destroy();
    const token = await target.issueToken({ name: 'operator', tenant: 'system', scopes: ['read'] });
    const { body } = await ask(target, 'GET', '/api/v1/tasks?task=cleanup_old_results', { token });
    expect(body).toMatchObject({ items: [{ task: 'cleanup_old_results' }] });
    const items = (body as { items: { task_id: string }[] }).items;
    expect(items).toHaveLength(1);
    await taskUntil({ ...target, token }, items[0]?.task_id ?? '', state('SUCCESS'));
  });
});
