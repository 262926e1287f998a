import { describe, expect, it } from 'vitest';
import { taskSpecs } from '#functions/registry.ts';
import { createChoices } from '#shared/simulation/choices.ts';
import { planTasks, tenants } from './plan-tasks.ts';

const planned = planTasks(40, createChoices(1));

describe('the tasks of chaos', () => {
  it('are accepted by their specs, each under a key of its own', () => {
    for (const { task, input } of planned) {
      const spec = taskSpecs.find(({ name }) => name === task);
      expect(spec?.input.safeParse(input).success, task).toBe(true);
    }
    expect(new Set(planned.map(({ key }) => key)).size).toBe(40);
  });

  it('hold every tenant, kind and wish, however few they are', () => {
    const kinds = ['quick', 'large', 'health', 'stepped', 'slow', 'retried', 'exhausted', 'permanent'];
    expect(new Set(planned.map(({ tenant }) => tenant))).toEqual(new Set(tenants));
    expect(new Set(planned.map(({ kind }) => kind))).toEqual(new Set(kinds));
    const wishes = [null, 'cancel', 'cancel and retry', 'retry', 'retry edited', 'redrive'];
    expect(new Set(planTasks(80, createChoices(1)).map(({ wish }) => wish))).toEqual(new Set(wishes));
  });

  it('are the same for the same seed', () => {
    expect(planTasks(40, createChoices(1))).toEqual(planned);
    expect(planTasks(40, createChoices(2))).not.toEqual(planned);
  });
});
