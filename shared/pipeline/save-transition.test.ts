import { describe, expect, it, vi } from 'vitest';
import { isRefusal } from '../lifecycle/refusal.ts';
import { timings } from '../lifecycle/timings.ts';
import { createMemoryPorts } from '../memory/memory-ports.ts';
import { fixtureTask } from './fixture-task.ts';
import { SaveConflict, saveTransition } from './save-transition.ts';
import { submit } from './submit.ts';

const claim = { kind: 'claim', epoch: 1 } as const;

async function submitted() {
  const ports = createMemoryPorts();
  const { record } = await submit(ports, { spec: fixtureTask, input: { mode: 'ok' }, tenant: 'acme' });
  return { ports, record };
}

describe('saveTransition', () => {
  it('lets one of two claims win and decides the other on the fresh record', async () => {
    const { ports, record } = await submitted();
    const outcomes = await Promise.all([
      saveTransition(ports, record, claim),
      saveTransition(ports, record, claim),
    ]);
    expect(outcomes.filter(isRefusal)).toEqual([{ refused: 'held' }]);
    expect(await ports.store.read(record.taskId)).toMatchObject({ state: 'STARTED', claim: 1, version: 2 });
  });

  it('carries an event over a conflict that does not touch it', async () => {
    const { ports, record } = await submitted();
    const claimed = await saveTransition(ports, record, claim);
    if (isRefusal(claimed)) throw new Error(claimed.refused);
    const progress = { percent: 10, status: 'Loading' };
    await saveTransition(ports, claimed, { kind: 'renew', claim: 1 });
    const saved = await saveTransition(ports, claimed, { kind: 'progress', claim: 1, progress });
    expect(saved).toMatchObject({ state: 'PROGRESS', progress: 10, version: 4 });
  });

  it('does not leave a task to a look that was put off too far: it is decided anew', async () => {
    const { ports, record } = await submitted();
    const resent = { phase: '1.0.PENDING', count: 9, by: 'the reconciler' };
    await ports.store.moveWake(record, { wakeAt: record.createdAt + timings.resendCap, resent });
    const save = vi.spyOn(ports.store, 'save');
    expect(await saveTransition(ports, record, claim)).toMatchObject({
      state: 'STARTED',
      claim: 1,
      version: 2,
    });
    expect(save).toHaveBeenCalledTimes(2);
    const wakeAt = ports.clock.now() + timings.lease + timings.afterLease;
    expect(await ports.store.read(record.taskId)).toMatchObject({ state: 'STARTED', wakeAt, resent });
  });

  it('leaves a look alone that was put off and still comes in time', async () => {
    const { ports, record } = await submitted();
    const latest = ports.clock.now() + timings.lease + timings.afterLease;
    const resent = { phase: '1.0.PENDING', count: 1, by: 'the reconciler' };
    await ports.store.moveWake(record, { wakeAt: latest, resent });
    const save = vi.spyOn(ports.store, 'save');
    await saveTransition(ports, record, claim);
    expect(save).toHaveBeenCalledOnce();
    expect(await ports.store.read(record.taskId)).toMatchObject({ wakeAt: latest, resent });
  });

  it('gives up after many conflicts instead of trying for ever', async () => {
    const { ports, record } = await submitted();
    const save = vi.spyOn(ports.store, 'save').mockResolvedValue({ saved: false, current: record });
    await expect(saveTransition(ports, record, claim)).rejects.toThrow(SaveConflict);
    expect(save.mock.calls.length).toBeLessThan(100);
  });

  it('throws when the record is gone', async () => {
    const { ports, record } = await submitted();
    vi.spyOn(ports.store, 'save').mockResolvedValue({ saved: false, current: null });
    await expect(saveTransition(ports, record, claim)).rejects.toThrow('is gone');
  });
});
