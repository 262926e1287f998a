import type { TaskRecord } from '../lifecycle/task-record.ts';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker, type MemoryWorker } from '../memory/memory-worker.ts';
import { createFixtureRuns, type FixtureRuns, fixtureTask } from './fixture-task.ts';
import { submit } from './submit.ts';

/** A world of its own for a test: ports in memory and a worker that knows the fixture task. */
export interface FixtureScene {
  readonly ports: MemoryPorts;
  readonly runs: FixtureRuns;
  readonly worker: MemoryWorker;
  /** Submits the fixture task; resolves with its id. */
  submit(input: unknown): Promise<string>;
  /** The record of a task; throws when there is none. */
  record(taskId: string): Promise<TaskRecord>;
}

/** Sets the scene; `runMs` is the time that the worker's invocations have. */
export function setFixtureScene(options: { runMs?: number } = {}): FixtureScene {
  const ports = createMemoryPorts();
  const runs = createFixtureRuns();
  return {
    ports,
    runs,
    worker: createMemoryWorker(ports, [runs.implementation], options),
    async submit(input) {
      const { record } = await submit(ports, { spec: fixtureTask, input, tenant: 'acme' });
      return record.taskId;
    },
    async record(taskId) {
      const record = await ports.store.read(taskId);
      if (!record) throw new Error(`no record of ${taskId}`);
      return record;
    },
  };
}
