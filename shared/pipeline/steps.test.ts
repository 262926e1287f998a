import { describe, expect, it, vi } from 'vitest';
import { isRunning, type RunningRecord } from '../lifecycle/task-record.ts';
import {
  failing,
  noting,
  type SteppedScene,
  setSteppedScene,
  steppedTask,
  type Work,
} from './stepped-scene.ts';

const never = () => new Promise<never>(() => undefined);

async function runningRecord(scene: SteppedScene): Promise<RunningRecord> {
  const record = await scene.record();
  if (!isRunning(record)) throw new Error(`the task is ${record.state}`);
  return record;
}

describe('a step', () => {
  it('is not repeated by a later attempt, which goes on with what is missing', async () => {
    const ran: string[] = [];
    const scene = await setSteppedScene(
      async ({ step }) => {
        await step('first', noting(ran, 1));
        await step('second', failing);
      },
      async ({ step }) => {
        const first = await step('first', noting(ran, 100));
        const second = await step('second', noting(ran, 2));
        return [first, second];
      },
    );
    await scene.worker.poll();
    expect(await scene.record()).toMatchObject({
      state: 'RETRY',
      error: { message: 'the upstream is down' },
    });
    expect(await scene.nextAttempt()).toMatchObject({ state: 'SUCCESS', result: { json: '[1,2]' } });
    expect(ran).toEqual([`${scene.taskId}/first`, `${scene.taskId}/second`]);
  });

  it('gives its result as JSON has it, the first time too', async () => {
    const seen: unknown[] = [];
    const results = { at: new Date(0), gone: undefined, nothing: null };
    const work: Work = async ({ step }) => {
      seen.push(await step('dates', async () => results));
      seen.push(await step('nothing', async () => undefined));
      throw new Error('again');
    };
    const scene = await setSteppedScene(work);
    await scene.worker.poll();
    await scene.nextAttempt();
    const asJson = { at: '1970-01-01T00:00:00.000Z', nothing: null };
    expect(seen).toEqual([asJson, null, asJson, null]);
    expect(seen[0]).not.toHaveProperty('gone');
  });

  it('with a large result keeps it beside the record, under its epoch and claim', async () => {
    const text = 'x'.repeat(10_000);
    const seen: unknown[] = [];
    const scene = await setSteppedScene(async ({ step }) => {
      seen.push(await step('tile:1/2', async () => ({ text })));
      throw new Error('again');
    });
    await scene.worker.poll();
    const key = `payloads/${scene.taskId}/1/1/step/tile%3A1%2F2.json`;
    expect(await scene.ports.store.readSteps(scene.taskId)).toMatchObject([
      { value: { kind: 'stored', key } },
    ]);
    expect(await scene.ports.payloads.get(key)).toBe(JSON.stringify({ text }));
    await scene.nextAttempt();
    expect(seen).toEqual([{ text }, { text }]);
  });

  it('whose result is no JSON fails the task for good', async () => {
    const scene = await setSteppedScene(({ step }) => step('big', async () => 1n));
    await scene.worker.poll();
    expect(await scene.record()).toMatchObject({ state: 'FAILURE', error: { type: 'NotJson' } });
  });

  it('costs the first attempt no read, and a later one a single read', async () => {
    const scene = await setSteppedScene(async ({ step }) => {
      await step('first', async () => 1);
      await step('second', async () => 2);
      throw new Error('again');
    });
    const reads = vi.spyOn(scene.ports.store, 'readSteps');
    await scene.worker.poll();
    expect(reads).not.toHaveBeenCalled();
    await scene.nextAttempt();
    expect(reads).toHaveBeenCalledTimes(1);
  });

  it.each(['', 'two words', 'größe', 'x'.repeat(101)])('of the name "%s" is a TypeError', async (name) => {
    const effect = vi.fn(async () => 1);
    const scene = await setSteppedScene(({ step }) => step(name, effect));
    await scene.worker.poll();
    expect(await scene.record()).toMatchObject({ state: 'RETRY', error: { type: 'TypeError' } });
    expect(effect).not.toHaveBeenCalled();
  });

  it('of a name that was used before is a TypeError, and its effect does not run', async () => {
    const again = vi.fn(async () => 2);
    const scene = await setSteppedScene(async ({ step }) => {
      await step('twice', async () => 1);
      await step('twice', again);
    });
    await scene.worker.poll();
    expect(await scene.record()).toMatchObject({
      error: { type: 'TypeError', message: expect.stringContaining('twice') },
    });
    expect(again).not.toHaveBeenCalled();
  });
});

describe('a worker that dies', () => {
  it('between effect and record lets the effect be repeated, with the same key', async () => {
    const keys: string[] = [];
    const scene = await setSteppedScene(
      ({ step }) =>
        step('charge', async (key) => {
          keys.push(key);
          return never();
        }),
      ({ step }) => step('charge', noting(keys, 'charged')),
    );
    await scene.crash();
    await scene.worker.poll();
    expect(await scene.record()).toMatchObject({ state: 'SUCCESS', claim: 2, lost: 1 });
    expect(keys).toEqual([`${scene.taskId}/charge`, `${scene.taskId}/charge`]);
  });

  it('within an at-most-once step ends the task StepUncertain, without repeating the effect', async () => {
    const effect = vi.fn(never);
    const scene = await setSteppedScene(({ step }) => step('charge', effect, { atMostOnce: true }));
    await scene.crash();
    await scene.worker.poll();
    expect(await scene.record()).toMatchObject({
      state: 'FAILURE',
      error: { type: 'StepUncertain', message: expect.stringContaining('charge') },
      deadLetter: 'none',
    });
    expect(effect).toHaveBeenCalledTimes(1);
  });
});

describe('an at-most-once step', () => {
  it('that has ended gives its result to a later attempt', async () => {
    const effect = vi.fn(async () => 'charged');
    const scene = await setSteppedScene(
      async ({ step }) => {
        await step('charge', effect, { atMostOnce: true });
        throw new Error('after the step');
      },
      ({ step }) => step('charge', effect, { atMostOnce: true }),
    );
    await scene.worker.poll();
    expect(await scene.nextAttempt()).toMatchObject({ state: 'SUCCESS', result: { json: '"charged"' } });
    expect(effect).toHaveBeenCalledTimes(1);
  });

  it('that threw is uncertain: nobody knows how far it came', async () => {
    const effect = vi.fn(failing);
    const scene = await setSteppedScene(({ step }) => step('charge', effect, { atMostOnce: true }));
    await scene.worker.poll();
    expect(await scene.nextAttempt()).toMatchObject({ state: 'FAILURE', error: { type: 'StepUncertain' } });
    expect(effect).toHaveBeenCalledTimes(1);
  });
});

describe('an attempt that is no longer the newest', () => {
  it('records no step any more, runs no further effect and ends superseded', async () => {
    const gate = Promise.withResolvers<string>();
    const further = vi.fn(async () => 1);
    const scene = await setSteppedScene(async ({ step }) => {
      await step('charge', () => gate.promise);
      await step('ship', further);
    });
    const polled = scene.worker.poll();
    await scene.ports.clock.advance(0);
    const held = await runningRecord(scene);
    const newer = { ...held, claim: held.claim + 1, version: held.version + 1, writer: 'another worker' };
    await scene.ports.store.save(newer, held, { wakeBy: null });
    const value = { kind: 'inline', json: '"by the newer"' } as const;
    const theirs = {
      name: 'charge',
      position: 0,
      value,
      taskCreatedAt: newer.createdAt,
      claim: newer.claim,
      at: 1,
    };
    expect(await scene.ports.store.saveStep(scene.taskId, theirs)).toBe(true);
    const saves = vi.spyOn(scene.ports.store, 'save');
    gate.resolve('by the stale');
    await polled;
    expect(further).not.toHaveBeenCalled();
    expect(saves).not.toHaveBeenCalled();
    expect(scene.worker.events.at(-1)).toMatchObject({ kind: 'superseded' });
    expect(await scene.ports.store.readSteps(scene.taskId)).toEqual([theirs]);
    expect(await scene.record()).toEqual(newer);
  });

  it('begins no step once it has ended', async () => {
    const scene = await setSteppedScene(async () => 'done');
    await scene.worker.poll();
    const effect = vi.fn(async () => 1);
    await expect(scene.contexts[0]?.step('late', effect)).rejects.toMatchObject({ name: 'AttemptEnded' });
    expect(effect).not.toHaveBeenCalled();
    expect(await scene.ports.store.readSteps(scene.taskId)).toEqual([]);
  });

  it('records no step whose effect ends after the attempt', async () => {
    const gate = Promise.withResolvers<string>();
    const scene = await setSteppedScene(({ step }) => step('slow', () => gate.promise));
    const polled = scene.worker.poll();
    await scene.ports.clock.advance(steppedTask.timeLimit.hard * 1000);
    await polled;
    gate.resolve('late');
    await scene.ports.clock.advance(0);
    expect(await scene.ports.store.readSteps(scene.taskId)).toEqual([]);
    expect(await scene.record()).toMatchObject({ state: 'FAILURE', error: { type: 'TimeLimitExceeded' } });
  });
});
