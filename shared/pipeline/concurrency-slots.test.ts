import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { fixed } from '../lifecycle/backoff.ts';
import { timings } from '../lifecycle/timings.ts';
import type { MemoryPorts } from '../memory/memory-ports.ts';
import { createVirtualClock } from '../memory/virtual-clock.ts';
import { concurrencyKeyOf, giveBackSlot, takeSlot } from './concurrency-slots.ts';
import { setTaskScene } from './task-scene.ts';

/** A world of tasks that ask a host, at most `most` at a time of each; `ms` is how long each asks. */
function setScene({
  most = 1,
  ms = 10_000,
  fails = false,
}: {
  most?: number;
  ms?: number;
  fails?: boolean;
} = {}) {
  const running: string[] = [];
  const ran: string[] = [];
  let atOnce = 0;
  const scene = setTaskScene({
    definition: {
      concurrency: { most, key: ({ host = 'any' }) => host },
      retry: { max: 3, delay: fixed(60) },
    },
    async work({ name, host = 'any' }) {
      running.push(host);
      atOnce = Math.max(atOnce, running.filter((other) => other === host).length);
      if (ms > 0) await scene.wait(ms);
      running.splice(running.indexOf(host), 1);
      ran.push(name);
      if (fails) throw new Error('the host is down');
    },
  });
  /** Lets time pass with workers that take a message each as it comes. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      for (const delivery of scene.ports.queue.receive('default', { visibilitySeconds: 1980 })) {
        void scene.worker.handle(delivery);
      }
      await scene.ports.clock.advance(1000);
    }
  }
  return { ...scene, pass, ran, atOnce: () => atOnce };
}

const holders = async (ports: MemoryPorts, key: string | null) => (await ports.limits.read(key ?? ''))?.value;

describe('tasks with a concurrency key in common', () => {
  it('wait for each other without spending an attempt, and all run', async () => {
    const { submit, pass, ran, atOnce, record } = setScene({ most: 2 });
    const ids: string[] = [];
    for (let task = 0; task < 8; task++) ids.push(await submit({ name: `task ${task}` }));
    await pass(5);
    const states = await Promise.all(ids.map(async (id) => (await record(id)).state));
    expect(states.filter((state) => state === 'STARTED')).toHaveLength(2);
    expect(states.filter((state) => state === 'SCHEDULED')).toHaveLength(6);
    await pass(300);
    expect(ran).toHaveLength(8);
    expect(atOnce()).toBe(2);
    for (const id of ids) expect(await record(id)).toMatchObject({ state: 'SUCCESS', attempts: 1, claim: 1 });
  });

  it('do not wait for those of other keys', async () => {
    const { submit, pass, ran } = setScene();
    for (const host of ['a', 'b', 'c']) await submit({ name: host, host });
    await pass(11);
    expect(ran.toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('give their place back, whatever comes of them', async () => {
    for (const fails of [true, false]) {
      const { submit, pass, ports, record } = setScene({ fails });
      const first = await submit();
      await pass(1);
      const { concurrencyKey } = await record(first);
      expect(await holders(ports, concurrencyKey)).toMatchObject([{ taskId: first, claim: 1 }]);
      await pass(11);
      expect(await record(first)).toMatchObject({ state: fails ? 'RETRY' : 'SUCCESS' });
      expect(await holders(ports, concurrencyKey)).toEqual([]);
    }
  });

  it('wait twice as long each time, up to a minute, not all the same', async () => {
    const { submit, pass, record, worker } = setScene({ ms: 290_000 });
    const waits: number[] = [];
    await submit();
    await pass(1);
    await submit();
    const waiting = await submit();
    await pass(280);
    for (const event of worker.events) {
      if (event.kind !== 'snoozed' || event.record.state !== 'SCHEDULED') continue;
      expect(event.record).toMatchObject({ waitsFor: 'concurrency', hasTurn: false, attempts: 0 });
      if (event.record.taskId !== waiting) continue;
      waits.push(event.record.dueAt - (event.record.timeline.at(-1)?.at ?? 0));
    }
    expect(waits.length).toBeGreaterThan(5);
    for (const [index, wait] of waits.entries()) {
      const pause = Math.min(timings.snoozeCap, timings.snoozeFirst * 2 ** index);
      expect(wait).toBeGreaterThanOrEqual(pause * 0.75);
      expect(wait).toBeLessThanOrEqual(pause * 1.25);
    }
    expect(new Set(waits.slice(4)).size).toBeGreaterThan(1);
    expect(await record(waiting)).toMatchObject({ state: 'SCHEDULED', snoozes: waits.length });
  });

  it('that is full is not asked for a message that would be refused anyway', async () => {
    const { submit, nudge, pass, ports } = setScene();
    const taskId = await submit();
    await pass(1);
    const read = vi.spyOn(ports.limits, 'read');
    await nudge(taskId);
    await ports.clock.advance(0);
    await pass(1);
    expect(read).not.toHaveBeenCalled();
  });
});

describe('the place of a worker that died', () => {
  /** Lets a worker take a message and die over its task. */
  async function setDead() {
    const scene = setScene({ ms: 600_000 });
    const taskId = await scene.submit({ name: 'first' });
    void scene.newWorker({ ...scene.ports, clock: createVirtualClock(scene.ports.clock.now()) }).poll();
    await scene.ports.clock.advance(0);
    return { ...scene, taskId };
  }

  it('is free once its lease is over, and not before', async () => {
    const { ports, submit, worker, record } = await setDead();
    await ports.clock.advance(timings.lease - 6000);
    const other = await submit({ name: 'other' });
    void worker.poll();
    await ports.clock.advance(0);
    expect(await record(other)).toMatchObject({ state: 'SCHEDULED', waitsFor: 'concurrency' });
    await ports.clock.advance(8000);
    void worker.poll();
    await ports.clock.advance(0);
    expect(await record(other)).toMatchObject({ state: 'STARTED' });
  });

  it('is taken over by its own task', async () => {
    const { ports, taskId, nudge, worker, record } = await setDead();
    await ports.clock.advance(timings.lease);
    await nudge(taskId);
    void worker.poll();
    await ports.clock.advance(0);
    const saved = await record(taskId);
    expect(saved).toMatchObject({ state: 'STARTED', claim: 2, lost: 1, attempts: 1 });
    expect(await holders(ports, saved.concurrencyKey)).toMatchObject([{ taskId, claim: 2 }]);
  });

  it('when others have taken it, its task waits: its message is put back, its record left alone', async () => {
    const { ports, taskId, submit, nudge, worker, record } = await setDead();
    await ports.clock.advance(timings.lease);
    await submit({ name: 'other' });
    void worker.poll();
    await ports.clock.advance(0);
    const before = await record(taskId);
    await nudge(taskId);
    void worker.poll();
    await ports.clock.advance(0);
    expect(await record(taskId)).toEqual(before);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 3 });
    await ports.clock.advance(timings.snoozeFirst * 1.25);
    expect(ports.queue.depth('default').visible).toBe(1);
  });

  it('is free after half a minute when it died before its claim', async () => {
    const { ports, submit, record } = setScene();
    const [dead, other] = [await submit({ name: 'dead' }), await submit({ name: 'other' })];
    const { concurrencyKey: key } = await record(dead);
    const take = async (taskId: string) => takeSlot(ports, key ?? '', 1, await record(taskId));
    expect(await take(dead)).not.toBeNull();
    await ports.clock.advance(29_999);
    expect(await take(other)).toBeNull();
    await ports.clock.advance(1);
    expect(await take(other)).not.toBeNull();
  });
});

describe('a slot', () => {
  it('that two messages of a task have taken is given back by the one whose claim is refused, and stays taken', async () => {
    const { ports, submit, record } = setScene();
    const [one, other] = [await record(await submit()), await record(await submit())];
    const key = one.concurrencyKey ?? '';
    const first = await takeSlot(ports, key, 1, one);
    const second = await takeSlot(ports, key, 1, one);
    await giveBackSlot(ports, key, second ?? '');
    expect(await takeSlot(ports, key, 1, other)).toBeNull();
    await giveBackSlot(ports, key, first ?? '');
    expect(await takeSlot(ports, key, 1, other)).not.toBeNull();
  });

  it('that two messages of a task have taken counts once', async () => {
    const { ports, submit, record } = setScene();
    const [one, other] = [await record(await submit()), await record(await submit())];
    for (const task of [one, one, other]) expect(await takeSlot(ports, 'key', 2, task)).not.toBeNull();
    expect(await takeSlot(ports, 'key', 2, await record(await submit()))).toBeNull();
  });

  it('that is not held can be given back', async () => {
    const { ports } = setScene();
    await giveBackSlot(ports, 'key', 'nobody');
    expect(await holders(ports, 'key')).toBeUndefined();
  });

  it('that cannot be given back does not fail the task; it is found free', async () => {
    const { ports, submit, pass, ran, record, worker } = setScene();
    const first = await submit({ name: 'first' });
    await pass(1);
    const save = vi.spyOn(ports.limits, 'save').mockRejectedValue(new Error('the store is down'));
    await pass(10);
    save.mockRestore();
    expect(await record(first)).toMatchObject({ state: 'SUCCESS' });
    expect(worker.faults).toEqual([]);
    await submit({ name: 'second' });
    await pass(11);
    expect(ran).toEqual(['first', 'second']);
  });

  it('belongs to the task and the key that its spec names', () => {
    const spec = (name: string) => ({
      name,
      concurrency: { most: 1, key: (input: unknown) => String(input) },
    });
    const keyOf = (name: string, input: string) =>
      concurrencyKeyOf(spec(name) as unknown as Parameters<typeof concurrencyKeyOf>[0], input);
    expect(keyOf('one', 'a')).toBe(keyOf('one', 'a'));
    expect(new Set([keyOf('one', 'a'), keyOf('one', 'b'), keyOf('other', 'a')]).size).toBe(3);
  });
});

it('never more run at once than the limit allows, however workers and messages come in between each other', async () => {
  const world = fc.record({ most: fc.integer({ min: 1, max: 3 }), tasks: fc.integer({ min: 2, max: 5 }) });
  await fc.assert(
    fc.asyncProperty(world, fc.scheduler(), async ({ most, tasks }, scheduler) => {
      const turn = () => scheduler.schedule(Promise.resolve());
      let running = 0;
      let mostSeen = 0;
      const scene = setTaskScene({
        definition: { concurrency: { most, key: () => 'all' } },
        async work() {
          mostSeen = Math.max(mostSeen, ++running);
          await turn();
          await turn();
          running--;
        },
      });
      const ids = await Promise.all(Array.from({ length: tasks }, () => scene.submit()));
      for (const id of ids) await scene.nudge(id);
      const { limits, store } = scene.ports;
      const inTurn =
        <Args extends unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
        async (...args: Args) => {
          await turn();
          return call(...args);
        };
      const ports = {
        ...scene.ports,
        limits: { read: inTurn(limits.read), save: inTurn(limits.save) },
        store: { ...store, read: inTurn(store.read), save: inTurn(store.save) },
      };
      const worker = scene.newWorker(ports);
      await scheduler.waitFor(Promise.all(ports.queue.receive('default').map(worker.handle)));
      expect(mostSeen).toBeGreaterThan(0);
      expect(mostSeen).toBeLessThanOrEqual(most);
      expect(worker.faults).toEqual([]);
      for (const id of ids) {
        const record = await scene.record(id);
        expect(['SCHEDULED 0', 'SUCCESS 1']).toContain(`${record.state} ${record.attempts}`);
        expect(await holders(scene.ports, record.concurrencyKey)).toEqual([]);
      }
    }),
    { numRuns: 150, seed: 20_261_121 },
  );
});
