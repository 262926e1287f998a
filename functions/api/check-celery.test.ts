import { beforeEach, describe, expect, it } from 'vitest';
import { taskSpecs } from '#functions/registry.ts';
import { createMemoryHeartbeats } from '#shared/memory/memory-heartbeats.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/memory/memory-ports.ts';
import { submit } from '#shared/pipeline/submit.ts';
import type { WorkerHeartbeats } from '#shared/ports/worker-heartbeats.ts';
import { checkWaiting, remembered } from './check-celery.ts';
import type { Check } from './check-health.ts';

const minute = 60_000;

let ports: MemoryPorts;
let heartbeats: WorkerHeartbeats;
let check: Check;
beforeEach(() => {
  ports = createMemoryPorts();
  heartbeats = createMemoryHeartbeats();
  check = checkWaiting(ports, heartbeats, 'default');
});

async function submitSome(): Promise<void> {
  const [spec] = taskSpecs.filter(({ name }) => name === 'test_celery');
  if (spec) await submit(ports, { spec, input: { message: 'hi' }, tenant: 'acme' });
}

describe('tasks that wait', () => {
  it('are nothing to tell of for five minutes, nor is a worker that was never seen', async () => {
    await check();
    await submitSome();
    await ports.clock.advance(5 * minute);
    await check();
  });

  it('fail the check after that, which tells whether a worker was alive lately', async () => {
    await submitSome();
    await ports.clock.advance(5 * minute + 1);
    const fails = (words: string) =>
      expect(check()).rejects.toMatchObject({ name: 'CheckFailed', message: words });
    await fails('tasks have waited for more than 5 minutes, and no worker was alive in the last 3');
    await heartbeats.beat('default', ports.clock.now() - 3 * minute);
    await fails('tasks have waited for more than 5 minutes');
    await heartbeats.beat('default', ports.clock.now() - 3 * minute - 1);
    await fails('tasks have waited for more than 5 minutes, and no worker was alive in the last 3');
  });
});

describe('an outcome', () => {
  it('is told again for five seconds, good or bad', async () => {
    const outcomes = ['a', 'b'];
    let asked = 0;
    const remembering = remembered(
      async () => outcomes[asked++] ?? Promise.reject(new Error('gone')),
      ports.clock.now,
    );
    expect([await remembering(), await remembering()]).toEqual(['a', 'a']);
    await ports.clock.advance(4999);
    expect(await remembering()).toBe('a');
    await ports.clock.advance(1);
    expect(await remembering()).toBe('b');
    await ports.clock.advance(5000);
    await expect(remembering()).rejects.toThrow('gone');
    await expect(remembering()).rejects.toThrow('gone');
    expect(asked).toBe(3);
  });
});
