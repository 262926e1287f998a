import { beforeEach, describe, expect, it } from 'vitest';
import { taskSpecs } from '#functions/registry.ts';
import { recordingLog } from '#functions/runtime/fixtures/recording-log.ts';
import type { InvokeWorker } from '#functions/runtime/invoke-worker.ts';
import { cancelTask } from '#shared/pipeline/cancel-task.ts';
import { executeDelivery } from '#shared/pipeline/execute.ts';
import { reconcile } from '#shared/pipeline/reconcile.ts';
import { implement } from '#shared/tasks/implement-task.ts';
import { PermanentError } from '#shared/tasks/task-errors.ts';
import { startApi } from './api-harness.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let token: string;
beforeEach(async () => {
  api = await startApi();
  token = api.token(['read', 'submit']);
});

const submit = (remainingMs?: number) =>
  api.call(
    { method: 'POST', path: '/api/v1/tasks', token, body: { task: 'test_celery', input: { message: 'hi' } } },
    remainingMs,
  );
const stored = () => api.ports.store.records()[0];

/** A worker that does `work` for every task, called as the function is. */
const worker =
  (work: () => Promise<unknown>): InvokeWorker =>
  async ({ queue, taskId, epoch }) => {
    const setup = {
      implementations: new Map(taskSpecs.map((spec) => [spec.name, implement(spec, work)])),
      deadline: Number.POSITIVE_INFINITY,
      logFor: () => recordingLog([]),
      observe: () => undefined,
    };
    const body = JSON.stringify({ v: 1, taskId, epoch });
    await executeDelivery(api.ports, setup, { queue, messageId: taskId, receipt: null, body });
  };

describe('a task that is run while its submission waits', () => {
  it('answers 200 and the end state, and sends no message', async () => {
    api.runInline(worker(async () => ({ status: 'success', message: 'hi', task_id: 'task-1' })));
    const answer = await submit();
    expect(answer).toMatchObject({
      status: 200,
      headers: { location: `/api/v1/tasks/${stored()?.taskId}` },
      body: { task_id: stored()?.taskId, state: 'SUCCESS' },
    });
    expect(answer.headers).not.toHaveProperty('retry-after');
    expect(api.ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('answers 200 and FAILURE for one that failed for good', async () => {
    api.runInline(worker(async () => Promise.reject(new PermanentError('never'))));
    expect(await submit()).toMatchObject({ status: 200, body: { state: 'FAILURE' } });
  });

  it('answers 202 and RETRY for one that is to be tried again, which the reconciler sees to', async () => {
    api.runInline(worker(async () => Promise.reject(new Error('not now'))));
    const answer = await submit();
    expect(answer).toMatchObject({ status: 202, body: { state: 'RETRY' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(1);
    await api.ports.clock.advance(3_600_000);
    await reconcile(api.ports, { deadline: Number.POSITIVE_INFINITY });
    expect(api.ports.queue.depth('default').visible).toBe(1);
  });

  it('answers 202 and PENDING when its worker could not be run, which is mended as a lost message is', async () => {
    api.runInline(async () => Promise.reject(new Error('throttled')));
    const answer = await submit();
    expect(answer).toMatchObject({
      status: 202,
      headers: { 'retry-after': '1' },
      body: { state: 'PENDING' },
    });
    expect(api.lines).toContainEqual({
      level: 'warn',
      message: 'task accepted, its worker could not be run; it will be later',
      fields: expect.objectContaining({ task_id: answer.body['task_id'] }),
    });
    await api.ports.clock.advance(30_000);
    await reconcile(api.ports, { deadline: Number.POSITIVE_INFINITY });
    expect(api.ports.queue.depth('default').visible).toBe(1);
  });

  it.each([60, 86_400])(
    'answers 202 at once to a task for %i s later, which its queue brings',
    async (countdown) => {
      api.runInline(async () => Promise.reject(new Error('nobody asked for it yet')));
      const body = { task: 'test_celery', input: { message: 'hi' }, countdown };
      const answer = await api.call({ method: 'POST', path: '/api/v1/tasks', token, body });
      expect(answer).toMatchObject({ status: 202, body: { state: 'SCHEDULED' } });
      expect(api.lines.map(({ message }) => message)).toContain('task accepted');
      expect(api.lines.map(({ level }) => level)).not.toContain('warn');
      expect(api.ports.queue.depth('default')).toEqual({ visible: 0, hidden: countdown === 60 ? 1 : 0 });
      await api.ports.clock.advance(countdown * 1000);
      await reconcile(api.ports, { deadline: Number.POSITIVE_INFINITY });
      expect(api.ports.queue.depth('default').visible).toBe(1);
    },
  );

  it('answers 504 two seconds before the function ends, and says where to ask', async () => {
    const aborted = Promise.withResolvers<never>();
    api.runInline(async (_, signal) => {
      signal.addEventListener('abort', () => aborted.reject(signal.reason));
      return aborted.promise;
    });
    let answered = false;
    const asked = submit(29_000).finally(() => {
      answered = true;
    });
    await expect.poll(() => api.ports.clock.nextTimer()).not.toBeNull();
    await api.ports.clock.advance(26_999);
    expect(answered).toBe(false);
    await api.ports.clock.advance(1);
    const url = `/api/v1/tasks/${stored()?.taskId}`;
    expect(await asked).toMatchObject({
      status: 504,
      headers: { 'content-type': 'application/problem+json', location: url, 'retry-after': '5' },
      body: {
        type: '/problems/still-running',
        detail: expect.stringContaining(url),
        errors: [{ path: '', message: expect.stringContaining(`${url}/status`) }],
      },
    });
    expect(stored()).toMatchObject({ state: 'PENDING' });
  });

  describe('submitted a second time', () => {
    const begin = async (remainingMs: number) => {
      const end = Promise.withResolvers<void>();
      api.runInline(
        worker(async () => {
          await end.promise;
          return { status: 'success', message: 'hi', task_id: 'task-1' };
        }),
      );
      const post = (ms: number) =>
        api.call(
          {
            ...{ method: 'POST', path: '/api/v1/tasks', token, headers: { 'idempotency-key': 'once' } },
            body: { task: 'test_celery', input: { message: 'hi' } },
          },
          ms,
        );
      const first = post(300_000);
      await expect.poll(() => stored()?.state).toBe('STARTED');
      let answered = false;
      const second = post(remainingMs).finally(() => {
        answered = true;
      });
      await expect.poll(() => api.ports.clock.nextTimer()).toBe(api.ports.clock.now() + 250);
      return { end, first, second, isAnswered: () => answered };
    };

    it('is waited for too, and run once', async () => {
      const { end, first, second, isAnswered } = await begin(10_000);
      await api.ports.clock.advance(1000);
      expect(isAnswered()).toBe(false);
      end.resolve();
      await first;
      await api.ports.clock.advance(250);
      const answers = await Promise.all([first, second]);
      expect(answers).toMatchObject([{ status: 200 }, { status: 200, body: { state: 'SUCCESS' } }]);
      expect(api.ports.store.records()).toHaveLength(1);
    });

    it('is answered as it is two seconds before the function ends', async () => {
      const { end, first, second, isAnswered } = await begin(3000);
      await api.ports.clock.advance(999);
      expect(isAnswered()).toBe(false);
      await api.ports.clock.advance(1);
      expect(await second).toMatchObject({ status: 202, body: { state: 'STARTED' } });
      end.resolve();
      expect(await first).toMatchObject({ status: 200 });
    });

    it('is not waited for while it is being cancelled', async () => {
      const { end, first, second } = await begin(10_000);
      const taskId = stored()?.taskId ?? '';
      await cancelTask(api.ports, { taskId, tenant: 'acme', by: 'grace' });
      await api.ports.clock.advance(250);
      expect(await second).toMatchObject({ status: 202, body: { state: 'STARTED' } });
      end.resolve();
      await first;
    });
  });

  it('accepts nothing, and runs nothing, when the input does not fit', async () => {
    let runs = 0;
    api.runInline(async () => {
      runs++;
    });
    const body = { task: 'test_celery', input: {} };
    expect(await api.call({ method: 'POST', path: '/api/v1/tasks', token, body })).toMatchObject({
      status: 422,
    });
    expect(runs).toBe(0);
    expect(stored()).toBeUndefined();
  });
});
