import { describe, expect, it } from 'vitest';
import { describeTaskQueue } from '../contracts/task-queue-contract.ts';
import { createMemoryTaskQueue, MessageNotInflight } from './memory-task-queue.ts';
import { createVirtualClock } from './virtual-clock.ts';

const message = { v: 1, taskId: 'a-task', epoch: 1 } as const;
const now = { delaySeconds: 0, group: 'acme' };

describeTaskQueue('memory', async () => {
  const clock = createVirtualClock(0);
  const queue = createMemoryTaskQueue(clock);
  const shownDead = new Map<string, number>();
  return {
    queue,
    receive: async (name) => queue.receive(name, { max: 1 })[0] ?? null,
    async receiveDead(name) {
      const shown = shownDead.get(name) ?? 0;
      shownDead.set(name, shown + 1);
      return queue.deadLetters(name)[shown] ?? null;
    },
    sendRaw: async (name, body) => queue.sendRaw(name, body),
    advance: (ms) => clock.advance(ms),
  };
});

describe("the worker's side of the memory queue", () => {
  it('gives as many messages as asked, oldest first, with group and receive count', async () => {
    const queue = createMemoryTaskQueue(createVirtualClock(0));
    for (const taskId of ['a', 'b', 'c'])
      await queue.send('default', { ...message, taskId }, { ...now, group: taskId });
    const received = queue.receive('default', { max: 2 });
    expect(received.map(({ group, receiveCount }) => [group, receiveCount])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect(queue.depth('default')).toEqual({ visible: 1, hidden: 2 });
  });

  it('lets groups take turns, so that one with many messages does not hold up another', async () => {
    const queue = createMemoryTaskQueue(createVirtualClock(0));
    const send = (taskId: string, group: string) =>
      queue.send('default', { ...message, taskId }, { ...now, group });
    for (const taskId of ['n1', 'n2', 'n3', 'n4', 'n5']) await send(taskId, 'noisy');
    await send('q1', 'quiet');
    await send('q2', 'quiet');
    const take = (max: number) =>
      queue.receive('default', { max }).map(({ body }) => JSON.parse(body).taskId);
    expect(take(3)).toEqual(['n1', 'q1', 'n2']);
    expect(take(1)).toEqual(['q2']);
    await send('late', 'other');
    expect(take(10)).toEqual(['late', 'n3', 'n4', 'n5']);
  });

  it('deletes a message by its newest receipt only', async () => {
    const clock = createVirtualClock(0);
    const queue = createMemoryTaskQueue(clock);
    await queue.send('default', message, now);
    const [stale] = queue.receive('default', { visibilitySeconds: 5 });
    await clock.advance(5000);
    const [newest] = queue.receive('default');
    if (!stale || !newest) throw new Error('the message was not delivered twice');
    expect(newest.receiveCount).toBe(2);
    queue.remove(stale);
    expect(queue.depth('default')).toEqual({ visible: 0, hidden: 1 });
    queue.remove(newest);
    expect(queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('does not put back a message that is visible again already', async () => {
    const clock = createVirtualClock(0);
    const queue = createMemoryTaskQueue(clock);
    await queue.send('default', message, now);
    const [delivery] = queue.receive('default', { visibilitySeconds: 5 });
    if (!delivery) throw new Error('the message was not delivered');
    await clock.advance(5000);
    await expect(queue.putBack(delivery, 60)).rejects.toThrow(MessageNotInflight);
    expect(queue.depth('default')).toEqual({ visible: 1, hidden: 0 });
  });

  it('does not put back a dead letter that is visible again already', async () => {
    const clock = createVirtualClock(0);
    const queue = createMemoryTaskQueue(clock);
    await queue.sendDead('default', { ...message, dead: true });
    const [letter] = await queue.receiveDead('default', 5);
    if (!letter) throw new Error('the letter was not delivered');
    await clock.advance(5000);
    await expect(queue.putBackDead(letter)).rejects.toThrow(MessageNotInflight);
    expect(await queue.receiveDead('default', 5)).toHaveLength(1);
  });

  it('moves dead letters back as new messages', async () => {
    const queue = createMemoryTaskQueue(createVirtualClock(0));
    await queue.sendDead('default', { ...message, dead: true });
    expect(queue.redriveDeadLetters('default')).toBe(1);
    expect(queue.deadLetters('default')).toEqual([]);
    expect(queue.receive('default')[0]?.body).toBe(JSON.stringify({ ...message, dead: true }));
  });
});
