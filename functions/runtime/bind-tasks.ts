import type { TaskSpec } from '#shared/tasks/define-task.ts';
import type { TaskImplementation } from '#shared/tasks/implement-task.ts';

/** A worker's implementations by task name; throws unless each of `specs` has exactly one and none is left over. */
export function bindTasks(
  specs: readonly TaskSpec[],
  implementations: readonly TaskImplementation[],
): ReadonlyMap<string, TaskImplementation> {
  const faults = [
    ...specs.flatMap((spec) => {
      const count = implementations.filter((implementation) => implementation.spec === spec).length;
      return count === 1 ? [] : [`${spec.name} has ${count} implementations`];
    }),
    ...implementations
      .filter(({ spec }) => !specs.includes(spec))
      .map(({ spec }) => `${spec.name} is implemented but not one of this worker's tasks`),
  ];
  if (faults.length > 0) throw new Error(`the tasks do not fit their implementations: ${faults.join('; ')}`);
  return new Map(implementations.map((implementation) => [implementation.spec.name, implementation]));
}
