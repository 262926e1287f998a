import * as z from 'zod';
import { fixed } from '../lifecycle/backoff.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker, type MemoryWorker } from '../memory/memory-worker.ts';
import { defineTask } from '../tasks/define-task.ts';
import { implement } from '../tasks/implement-task.ts';
import { type Accepted, type Submission, submit } from './submit.ts';

/** A task for tests of locks: there may be one unfinished conversion of an item; one that fails leaves a dead letter. */
export const convertTask = defineTask({
  name: 'convert',
  description: 'Converts an item, or fails: a task for tests.',
  input: z.strictObject({ item: z.string().trim(), fails: z.boolean().default(false) }),
  output: z.string(),
  retry: { max: 0, delay: fixed(60) },
  unique: ({ item }) => item,
});

/** A world in which items are converted. */
export interface UniqueScene {
  readonly ports: MemoryPorts;
  readonly worker: MemoryWorker;
  /** The items that were converted, in order. */
  readonly converted: readonly string[];
  convert(item: string, changes?: Partial<Submission> & { fails?: boolean }): Promise<Accepted>;
  /** Submits the conversion of an item, and lets it fail. */
  convertInVain(item: string): Promise<string>;
  record(taskId: string): Promise<TaskRecord>;
}

/** Sets the scene. */
export function setUniqueScene(): UniqueScene {
  const ports = createMemoryPorts();
  const converted: string[] = [];
  const implementation = implement(convertTask, async ({ item, fails }) => {
    if (fails) throw new Error('no such format');
    converted.push(item);
    return item;
  });
  const worker = createMemoryWorker(ports, [implementation]);
  const convert: UniqueScene['convert'] = (item, { fails = false, ...changes } = {}) =>
    submit(ports, { spec: convertTask, input: { item, fails }, tenant: 'acme', ...changes });
  return {
    ports,
    worker,
    converted,
    convert,
    async convertInVain(item) {
      const { record } = await convert(item, { fails: true });
      await worker.poll();
      return record.taskId;
    },
    async record(taskId) {
      const record = await ports.store.read(taskId);
      if (record === null) throw new Error(`no record of ${taskId}`);
      return record;
    },
  };
}
