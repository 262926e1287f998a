import { beforeEach, describe, expect, it } from 'vitest';
import { taskContext } from '#functions/runtime/fixtures/task-context.ts';
import { createPipelineTable } from '#shared/contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '#shared/contracts/emulator-clients.ts';
import { systemClock } from '#shared/ports/clock.ts';
import type { TaskContext, TaskImplementation } from '#shared/tasks/implement-task.ts';
import { createEffectCounter, type EffectCounter } from './effect-counter.ts';
import { countSteps } from './run-steps.ts';

let counter: EffectCounter;
let task: TaskImplementation;
let recorded: Map<string, unknown>;
beforeEach(async () => {
  const client = emulatedDynamoDb();
  counter = createEffectCounter(client, await createPipelineTable(client), () => 1_000);
  task = countSteps(counter, systemClock);
  recorded = new Map();
});

/** Records steps as the pipeline does; `crashAfter` names a step whose effect happens and whose record does not. */
function attempt(number: number, crashAfter?: string): TaskContext {
  return taskContext({
    attempt: number,
    async step(name, effect) {
      if (recorded.has(name)) return recorded.get(name) as Awaited<ReturnType<typeof effect>>;
      const result = await effect(`task-1/${name}`);
      if (name === crashAfter) throw new Error('the worker died');
      recorded.set(name, result);
      return result;
    },
  });
}

describe('run_steps', () => {
  it('counts each effect once and tells how far it is', async () => {
    const told: [number, string][] = [];
    const context = {
      ...attempt(1),
      progress: (percent: number, words: string) => told.push([percent, words]),
    };
    expect(await task.run({ steps: 40 }, context)).toEqual({ steps: 40, effects: 40, repeated: 0 });
    expect(told.at(9)).toEqual([25, 'Ran step 10 of 40']);
  });

  it('fails half-way as often as it is told, and does not repeat the first half', async () => {
    const input = { steps: 5, fail_first: 2 };
    await expect(task.run(input, attempt(1))).rejects.toMatchObject({ name: 'HalfWay' });
    expect([...recorded.keys()]).toEqual(['step-1', 'step-2', 'step-3']);
    await expect(task.run(input, attempt(2))).rejects.toThrow('attempt 2 fails after 3 steps');
    expect(await task.run(input, attempt(3))).toEqual({ steps: 5, effects: 5, repeated: 0 });
  });

  it('tells an effect that happened again before it was recorded from one that was repeated', async () => {
    await expect(task.run({ steps: 3 }, attempt(1, 'step-2'))).rejects.toThrow('died');
    expect(await task.run({ steps: 3 }, attempt(1))).toEqual({ steps: 3, effects: 4, repeated: 0 });
    recorded.delete('step-2');
    expect(await task.run({ steps: 3 }, attempt(1))).toEqual({ steps: 3, effects: 5, repeated: 1 });
  });

  it('pauses by the clock, which may be moved', async () => {
    let now = 0;
    const moved = countSteps(counter, {
      now: () => {
        now += 20_000;
        return now;
      },
    });
    expect(await moved.run({ steps: 3, seconds: 60 }, attempt(1))).toMatchObject({ effects: 3 });
  });

  it('does not take the steps of edited arguments for repeated ones', async () => {
    await task.run({ steps: 3 }, attempt(1));
    recorded.clear();
    expect(await task.run({ steps: 2 }, attempt(1))).toEqual({ steps: 2, effects: 2, repeated: 0 });
  });

  it('stops in the pause of a step when it is asked to', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const pausing = task.run({ steps: 2, seconds: 60 }, { ...attempt(1), signal: abort.signal });
    abort.abort(reason);
    await expect(pausing).rejects.toBe(reason);
  });

  it.each([{ steps: 0 }, { steps: 501 }, { steps: 1, seconds: 61 }, { steps: 1, fail_first: 11 }])(
    'refuses %j',
    async (input) => {
      await expect(task.run(input, taskContext())).rejects.toMatchObject({ name: 'InvalidInput' });
    },
  );
});
