import { describe, expect, it, vi } from 'vitest';
import { timings } from '../lifecycle/timings.ts';
import { createVirtualClock } from '../memory/virtual-clock.ts';
import type { StepOptions, TaskContext } from '../tasks/implement-task.ts';
import { cancelTask } from './cancel-task.ts';
import { setTaskScene, type TaskScene } from './task-scene.ts';

type DoStep = (name: string, seconds?: number, options?: StepOptions) => Promise<string>;
type Work = (doStep: DoStep, context: TaskContext) => Promise<unknown>;

const named = (count: number) => Array.from({ length: count }, (_, index) => `step-${index}`);

const twelveSteps: Work = async (doStep, { progress }) => {
  for (const [index, name] of named(12).entries()) {
    await doStep(name);
    progress(index + 1, name);
  }
  return 'all done';
};

/** A task that may take an hour, in parts of 100 seconds; its steps take 20 seconds, and note that they ran. */
function setLongScene(
  work: Work = twelveSteps,
  { total = 3600, runMs = 320_000 }: { total?: number | null; runMs?: number } = {},
) {
  const ran: string[] = [];
  const contexts: TaskContext[] = [];
  const limit = { soft: 100, hard: 150 };
  const scene: TaskScene = setTaskScene({
    runMs,
    definition: { timeLimit: total === null ? limit : { ...limit, total } },
    work(_, context) {
      contexts.push(context);
      return work(doStep, context);

      function doStep(name: string, seconds = 20, options?: StepOptions): Promise<string> {
        return context.step(
          name,
          async () => {
            ran.push(name);
            await scene.wait(seconds * 1000);
            return name;
          },
          options,
        );
      }
    },
  });
  /** Lets invocations follow each other until the queue is empty; returns how many there were. */
  async function pollToEnd(): Promise<number> {
    let invocations = 0;
    while ((await scene.poll()) > 0) invocations++;
    return invocations;
  }
  return { ...scene, ran, contexts, pollToEnd };
}

describe('a task that takes longer than an invocation', () => {
  it('goes on in fresh ones: each step once, one attempt, one begin', async () => {
    const { submit, poll, record, ran, worker, ports } = setLongScene();
    const taskId = await submit();
    const begin = ports.clock.now();
    let progress = 0;
    for (let invocations = 1; (await poll()) === 1; invocations++) {
      const now = await record(taskId);
      expect(now).toMatchObject({ attempts: 1, claim: invocations, lost: 0 });
      expect(now.progress).toBeGreaterThan(progress);
      progress = now.progress ?? 0;
    }
    const result = { json: '"all done"' };
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', startedAt: begin, attempts: 1, result });
    expect(ran).toEqual(named(12));
    const states = worker.events.flatMap((event) => (event.kind === 'ended' ? [event.record.state] : []));
    expect(states).toEqual(['PENDING', 'PENDING', 'SUCCESS']);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    expect(ports.clock.nextTimer()).toBeNull();
  });

  it('goes on whatever its work makes of being told so', async () => {
    const { submit, pollToEnd, record, ran } = setLongScene(async (doStep) => {
      const results: string[] = [];
      for (const name of named(12)) results.push(await doStep(name).catch(() => 'swallowed'));
      return results.length === 12 && !results.includes('swallowed');
    });
    const taskId = await submit();
    expect(await pollToEnd()).toBeGreaterThan(1);
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', result: { json: 'true' }, attempts: 1 });
    expect(ran).toEqual(named(12));
  });

  it('runs each step once that runs side by side with others', async () => {
    const { submit, pollToEnd, record, ran } = setLongScene(async (doStep) => {
      const names = named(20);
      const lane = async (seconds: number) => {
        for (let name = names.shift(); name !== undefined; name = names.shift()) await doStep(name, seconds);
      };
      await Promise.all([lane(9), lane(17), lane(26)]);
    });
    const taskId = await submit();
    expect(await pollToEnd()).toBeGreaterThan(1);
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1 });
    expect(ran.toSorted()).toEqual(named(20).toSorted());
  });

  it('is asked to stop once its steps have ended, and before that only at its soft limit', async () => {
    const { submit, poll, contexts, ports } = setLongScene();
    await submit();
    const begin = ports.clock.now();
    const aborted: string[] = [];
    const watch = () => {
      const [context] = contexts;
      if (context?.signal.aborted) aborted.push(`${context.signal.reason.name} ${ports.clock.now() - begin}`);
      else ports.clock.after(1000, watch);
    };
    ports.clock.after(1000, watch);
    await poll();
    await ports.clock.advance(2000);
    expect(aborted[0]).toMatch(/^ContinuedLater (80|81)000$/);
  });

  it('without a total limit ends at its hard limit, as any task does', async () => {
    const { submit, pollToEnd, record, ran, contexts } = setLongScene(twelveSteps, { total: null });
    const taskId = await submit();
    expect(await pollToEnd()).toBe(1);
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', error: { type: 'TimeLimitExceeded' } });
    expect(contexts[0]?.signal.reason).toMatchObject({ name: 'SoftTimeLimitExceeded' });
    expect(ran).toEqual(named(8));
  });

  it('ends at its total limit, with a dead letter, however often it has gone on', async () => {
    const { submit, pollToEnd, record, ports, ran } = setLongScene(twelveSteps, { total: 190 });
    const taskId = await submit();
    const begin = ports.clock.now();
    await pollToEnd();
    expect(await record(taskId)).toMatchObject({
      ...{ state: 'FAILURE', deadLetter: 'sent', attempts: 1, startedAt: begin, finishedAt: begin + 190_000 },
      error: { type: 'TimeLimitExceeded', message: 'the total time limit of 190 s has passed' },
    });
    expect(ran.length).toBeLessThan(12);
  });

  it.each([
    ['ends at its hard limit', 320_000, { state: 'FAILURE', error: { type: 'TimeLimitExceeded' } }],
    ['goes on at the end of its function', 120_000, { state: 'PENDING', attempts: 1 }],
  ])('%s when a step hangs while another is put off', async (_, runMs, outcome) => {
    const work: Work = async (doStep) => {
      await Promise.all([doStep('hangs', 10_000), doStep('long', 80).then(() => doStep('late'))]);
    };
    const { submit, poll, record, ran } = setLongScene(work, { runMs });
    const taskId = await submit();
    await poll();
    expect(await record(taskId)).toMatchObject(outcome);
    expect(ran).toEqual(['hangs', 'long']);
  });
});

describe('between two invocations', () => {
  /** The task after its first invocation, its message still in the queue. */
  async function setBetween() {
    const scene = setLongScene();
    const taskId = await scene.submit();
    await scene.poll();
    expect(await scene.record(taskId)).toMatchObject({ state: 'PENDING', continues: expect.anything() });
    return { ...scene, taskId };
  }

  it('a message that came twice makes one worker go on', async () => {
    const { nudge, taskId, pollToEnd, worker, record, ran } = await setBetween();
    await nudge(taskId);
    await pollToEnd();
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', claim: 3, attempts: 1 });
    expect(ran).toEqual(named(12));
    expect(worker.events).toContainEqual({ kind: 'refused', taskId, reason: 'held' });
  });

  it('a cancel ends the task', async () => {
    const { ports, taskId, pollToEnd, record, ran } = await setBetween();
    const { startedAt } = await record(taskId).then(({ timeline }) => ({ startedAt: timeline[1]?.at }));
    await cancelTask(ports, { tenant: 'acme', taskId, by: 'ada' });
    expect(await record(taskId)).toMatchObject({ state: 'CANCELLED', startedAt });
    await pollToEnd();
    expect(ran.length).toBeLessThan(12);
  });

  it('a new attempt after a failure keeps the steps', async () => {
    let fails = true;
    const { ports, submit, pollToEnd, record, ran } = setLongScene(async (doStep) => {
      for (const name of named(12)) {
        if (name === 'step-7' && fails) {
          fails = false;
          throw new Error('the upstream is down');
        }
        await doStep(name);
      }
    });
    const taskId = await submit();
    await pollToEnd();
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', attempts: 1 });
    await ports.clock.advance(600_000);
    await pollToEnd();
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 2 });
    expect(ran).toEqual(named(12));
  });
});

describe('when little time is left', () => {
  it('a cancel that was asked for ends the task instead', async () => {
    const { ports, worker, submit, until, record } = setLongScene(async (doStep) => {
      await doStep('first', 81);
      await doStep('second');
    });
    const taskId = await submit();
    const polled = worker.poll();
    await ports.clock.advance(79_500);
    await cancelTask(ports, { tenant: 'acme', taskId, by: 'ada' });
    await until(polled);
    expect(await record(taskId)).toMatchObject({ state: 'CANCELLED', cancelRequest: { by: 'ada' } });
  });

  it('a step that may run once at most is not begun, and runs in the next invocation', async () => {
    const { ports, poll, submit, taskSteps, record, ran } = setMailScene();
    const taskId = await submit();
    await poll();
    expect(await taskSteps(taskId)).toEqual(['first']);
    expect(await record(taskId)).toMatchObject({ state: 'PENDING' });
    await poll();
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', result: { json: '"mail"' } });
    expect(ran).toEqual(['first', 'mail']);
    expect(ports.clock.nextTimer()).toBeNull();
  });

  function setMailScene() {
    const scene = setLongScene(async (doStep) => {
      await doStep('first', 80);
      return doStep('mail', 1, { atMostOnce: true });
    });
    const taskSteps = async (taskId: string) =>
      (await scene.ports.store.readSteps(taskId)).map(({ name }) => name);
    return { ...scene, taskSteps };
  }
});

describe('a message for the next invocation that is never sent', () => {
  it('is told, and sent by the reconciler', async () => {
    const { ports, submit, poll, pollToEnd, reconcile, worker, record, ran } = setLongScene();
    const taskId = await submit();
    vi.spyOn(ports.queue, 'send').mockRejectedValueOnce(new Error('the queue is down'));
    await poll();
    expect(worker.events.at(-1)).toMatchObject({
      kind: 'hint-unsent',
      error: { message: 'the queue is down' },
    });
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    await ports.clock.advance(timings.firstLook);
    expect((await reconcile()).counts).toMatchObject({ 'hint-sent': 1 });
    await pollToEnd();
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 0 });
    expect(ran).toEqual(named(12));
  });

  it('because its worker died in between is sent by the reconciler too, and no worker counts as lost', async () => {
    const { ports, submit, newWorker, pollToEnd, reconcile, record, ran } = setLongScene();
    const taskId = await submit();
    const send = vi.fn(() => new Promise<void>(() => undefined));
    void newWorker({ ...ports, queue: { ...ports.queue, send } }).poll();
    await ports.clock.advance(110_000);
    expect(send).toHaveBeenCalledOnce();
    expect(await record(taskId)).toMatchObject({ state: 'PENDING' });
    await ports.clock.advance(timings.firstLook);
    await reconcile();
    await pollToEnd();
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 0 });
    expect(ran).toEqual(named(12));
  });

  it('does not matter to a worker that dies in a later part: its successor goes on', async () => {
    const { ports, worker, submit, poll, newWorker, nudge, pollToEnd, record, ran } = setLongScene();
    const taskId = await submit();
    await poll();
    const before = worker.events.length;
    const silent = () => new Promise<never>(() => undefined);
    const clock = createVirtualClock(ports.clock.now());
    void newWorker({ ...ports, clock, store: { ...ports.store, saveStep: silent } }).poll();
    await ports.clock.advance(timings.lease);
    await nudge(taskId);
    await pollToEnd();
    expect(worker.events[before]).toMatchObject({
      kind: 'started',
      record: { claim: 3, lost: 1, attempts: 1 },
    });
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1 });
    // Only the step that the dead worker was at is repeated: it was not recorded.
    expect(ran.filter((name, index) => ran.indexOf(name) !== index)).toHaveLength(1);
  });
});
