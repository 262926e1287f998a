import { v7 } from 'uuid';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker } from '../memory/memory-worker.ts';
import { tasksWaitLonger } from './find-waiting.ts';
import { createFixtureRuns, fixtureTask } from './fixture-task.ts';
import { reconcile } from './reconcile.ts';
import { submit } from './submit.ts';

const minute = 60_000;
const longest = 5 * minute;

let ports: MemoryPorts;
beforeEach(() => {
  const memory = createMemoryPorts();
  ports = { ...memory, newId: () => v7({ msecs: memory.clock.now() }) };
});

const send = (mode: string, seconds = 0) =>
  submit(ports, { spec: fixtureTask, input: { mode, seconds }, tenant: 'acme' });
const waits = () => tasksWaitLonger(ports, longest);
const poll = () => createMemoryWorker(ports, [createFixtureRuns().implementation]).poll();

/** Lets minutes pass, the reconciler running in each as it does. */
async function passMinutes(minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed++) {
    await ports.clock.advance(minute);
    await reconcile(ports, { deadline: Number.POSITIVE_INFINITY });
  }
}

describe('tasks wait too long', () => {
  it('when one has waited since its submission, and not a moment before', async () => {
    await send('ok');
    await ports.clock.advance(longest);
    expect(await waits()).toBe(false);
    await ports.clock.advance(1);
    expect(await waits()).toBe(true);
    await poll();
    expect(await waits()).toBe(false);
  });

  it.each([6, 20, 300])(
    'however far the reconciler has put off its next look: after %i minutes',
    async (m) => {
      await send('ok');
      await passMinutes(m);
      expect(await waits()).toBe(true);
    },
  );

  it('when a next attempt is overdue, not while it is to come', async () => {
    await send('fail');
    await poll();
    await ports.clock.advance(minute + longest);
    expect(await waits()).toBe(false);
    await ports.clock.advance(1);
    expect(await waits()).toBe(true);
  });

  it('not for a wait that the task asked for', async () => {
    await send('retry-after', 3600);
    await poll();
    await passMinutes(30);
    expect(await waits()).toBe(false);
  });

  it('not for a task that has ended or is gone, though the index, which lags, still names it', async () => {
    const { record } = await send('ok');
    await poll();
    expect(ports.store.records()).toMatchObject([{ state: 'SUCCESS' }]);
    const items = [record.taskId, 'gone'].map((taskId) => ({ taskId, wakeAt: 0 }));
    vi.spyOn(ports.store, 'due').mockResolvedValue({ items, nextCursor: null });
    await ports.clock.advance(300 * minute);
    expect(await waits()).toBe(false);
  });

  it('when a worker died over one and no other takes it up', async () => {
    await send('hang');
    const died = createMemoryPorts();
    void createMemoryWorker({ ...ports, clock: died.clock }, [createFixtureRuns().implementation]).poll();
    await vi.waitFor(() => expect(ports.store.records()[0]?.state).toBe('STARTED'));
    await ports.clock.advance(45_000 + longest);
    expect(await waits()).toBe(false);
    await ports.clock.advance(1);
    expect(await waits()).toBe(true);
  });

  it('finds it behind hundreds of new tasks, reading only what is old enough', async () => {
    await send('ok');
    await passMinutes(6);
    for (let sent = 0; sent < 400; sent++) await send('ok');
    const read = vi.spyOn(ports.store, 'read');
    expect(await waits()).toBe(true);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('although many were submitted before it that are scheduled for later', async () => {
    const eta = ports.clock.now() + 300 * minute;
    for (let sent = 0; sent < 30; sent++) {
      await submit(ports, { spec: fixtureTask, input: { mode: 'ok' }, tenant: 'acme', eta });
    }
    await passMinutes(200);
    expect(await waits()).toBe(false);
    await send('ok');
    await passMinutes(6);
    expect(await waits()).toBe(true);
  });

  it('reads twenty records at most, the oldest among them', async () => {
    await send('ok');
    await ports.clock.advance(1);
    for (let sent = 0; sent < 30; sent++) await send('ok');
    await ports.clock.advance(longest + 1);
    const read = vi.spyOn(ports.store, 'read');
    expect(await waits()).toBe(true);
    expect(read).toHaveBeenCalledTimes(20);
  });
});
