import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineTask } from '../../tasks/define-task.ts';
import { implement } from '../../tasks/implement-task.ts';
import { calling, recordingStep } from '../interleavings/moments.ts';
import type { ScriptedProcess } from '../interleavings/scripted-process.ts';
import { minute, openCloud, second } from './cloud.ts';

const convert = defineTask({
  name: 'convert',
  description: 'Takes 80 steps of half a minute each.',
  input: z.null(),
  output: z.int(),
  timeLimit: { soft: 240, hard: 300, total: 2 * 3600 },
});

/** How each worker dies, by the step at which it does; each dies once. */
const deaths: Readonly<Record<string, (process: ScriptedProcess, step: string) => void>> = {
  'step-10': (process) => process.die(),
  'step-38': (process, step) => process.diesBefore(recordingStep(step)),
  'step-66': (process, step) => process.diesAfter(recordingStep(step)),
};

describe('a task of 80 steps that takes 40 minutes, in functions that live for five', () => {
  it('ends once, each step recorded once, though three of its workers die', async () => {
    const effects: string[] = [];
    const died: string[] = [];
    const cloud = openCloud({
      work: (process) => [
        implement(convert, async (_, { step }) => {
          for (let n = 1; n <= 80; n++) {
            const name = `step-${n}`;
            await step(name, async () => {
              effects.push(name);
              await process.sleep(30 * second);
              if (!died.includes(name) && deaths[name]) {
                died.push(name);
                deaths[name](process, name);
              }
              await process.sleep(0);
              return n;
            });
          }
          return 80;
        }),
      ],
    });
    const taskId = await cloud.submit({ spec: convert, input: null });
    await cloud.live(60 * minute);

    expect(died).toEqual(['step-10', 'step-38', 'step-66']);
    const record = await cloud.record(taskId);
    const { state, attempts, epoch, timeline } = record;
    expect({ state, attempts, epoch }).toEqual({ state: 'SUCCESS', attempts: 1, epoch: 1 });
    expect(timeline.filter((entry) => entry.state === 'SUCCESS')).toHaveLength(1);
    const lost = timeline.filter(({ detail }) => detail === 'the worker before was lost');
    expect(lost).toHaveLength(3);

    const steps = await cloud.world.store.readSteps(taskId);
    const names = Array.from({ length: 80 }, (_, n) => `step-${n + 1}`);
    expect(steps.map(({ name, value }) => [name, value])).toEqual(
      names.map((name, n) => [name, { kind: 'inline', json: String(n + 1) }]),
    );
    // An effect is repeated only when its worker died before the record of it.
    const repeated = effects.filter((name, index) => effects.indexOf(name) !== index);
    expect(repeated).toEqual(['step-10', 'step-38']);
    expect(new Set(effects)).toEqual(new Set(names));
    // 40 minutes of work, and for each death the lost work, the lease and the reconciler's next look.
    const took = 'finishedAt' in record ? record.finishedAt - record.createdAt : Number.POSITIVE_INFINITY;
    expect(took).toBeLessThan(40 * minute + 3 * 2.5 * minute);
  });

  it('goes on though the worker dies when it should send the message for the next part', async () => {
    const cloud = openCloud({
      onWorker: (process, nth) => {
        if (nth === 2) process.diesBefore(calling('queue.send'));
      },
      work: ({ sleep }) => [
        implement(convert, async (_, { step }) => {
          for (let n = 1; n <= 20; n++) await step(`step-${n}`, () => sleep(30 * second));
          return 20;
        }),
      ],
    });
    const taskId = await cloud.submit({ spec: convert, input: null });
    await cloud.live(20 * minute);
    expect(await cloud.record(taskId)).toMatchObject({ state: 'SUCCESS', attempts: 1, lost: 0 });
  });
});
