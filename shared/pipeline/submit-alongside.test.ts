import { describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../memory/memory-ports.ts';
import type { AlongsideWrite } from '../ports/alongside-write.ts';
import { fixtureTask } from './fixture-task.ts';
import { submit } from './submit.ts';

const key = { pk: 'tenant#acme', sk: 'location#denver' };
const write: AlongsideWrite = {
  table: 'application',
  key,
  item: { ...key, name: 'Denver' },
  onlyIf: 'absent',
};
const submission = { spec: fixtureTask, input: { mode: 'ok' }, tenant: 'acme', alongside: [write] };

describe('submit with writes alongside', () => {
  it('commits them with the record, and sends', async () => {
    const ports = createMemoryPorts();
    const { record } = await submit(ports, submission);
    expect(ports.store.entity('application', key)).toEqual(write.item);
    expect(ports.store.records()).toEqual([record]);
    expect(ports.queue.depth('default').visible).toBe(1);
  });

  it('accepts and sends nothing when one is refused', async () => {
    const ports = createMemoryPorts();
    await submit(ports, submission);
    await expect(submit(ports, submission)).rejects.toMatchObject({ name: 'AlongsideRefused' });
    expect(ports.store.records()).toHaveLength(1);
    expect(ports.queue.depth('default').visible).toBe(1);
  });
});
