import { beforeEach, describe, expect, it } from 'vitest';
import { parseMessage, type TaskMessage } from '../lifecycle/task-message.ts';
import type { HeldLetter } from '../ports/task-queue.ts';
import type { QueueHarness } from './task-queue-contract.ts';

const message: TaskMessage = { v: 1, taskId: '019aa7c1', epoch: 2, dead: true };

/** The part of the contract about taking messages of a dead-letter queue. */
export function describeDeadLetters(makeHarness: () => Promise<QueueHarness>): void {
  describe('dead letters', () => {
    let harness: QueueHarness;
    let queue: QueueHarness['queue'];
    beforeEach(async () => {
      harness = await makeHarness();
      queue = harness.queue;
    });

    const takeOne = async (): Promise<HeldLetter> => {
      const [letter, ...others] = await queue.receiveDead('default', 30);
      if (letter === undefined || others.length > 0) throw new Error('there is not exactly one letter');
      return letter;
    };

    it('are none where nothing was sent, or only to the queue itself', async () => {
      await queue.send('default', message, { delaySeconds: 0, group: 'acme' });
      expect(await queue.receiveDead('default', 30)).toEqual([]);
    });

    it("are taken from their own queue's only, as they were sent", async () => {
      await queue.sendDead('priority', message);
      expect(await queue.receiveDead('default', 30)).toEqual([]);
      const [letter] = await queue.receiveDead('priority', 30);
      expect(letter).toMatchObject({ queue: 'priority', receipt: expect.stringMatching(/./) });
      expect(parseMessage(letter?.body ?? '')).toEqual({ message });
      expect(await harness.receive('priority')).toBeNull();
    });

    it('are taken though no worker could read them', async () => {
      const delivery = { queue: 'default', messageId: 'm', receipt: null, body: ' {"v":2,\n' } as const;
      await queue.sendUnreadable(delivery, 'the body is not JSON');
      expect((await takeOne()).body).toBe(' {"v":2,\n');
    });

    it('are hidden for as long as asked, and then taken under another receipt', async () => {
      await queue.sendDead('default', message);
      const [first] = await queue.receiveDead('default', 120);
      await harness.advance(110_000);
      expect(await queue.receiveDead('default', 120)).toEqual([]);
      await harness.advance(10_000);
      const second = await takeOne();
      expect(second.body).toBe(first?.body);
      expect(second.receipt).not.toBe(first?.receipt);
    });

    it('are taken ten at a time, each once', async () => {
      const ids = Array.from({ length: 12 }, (_, n) => `task-${n}`);
      for (const taskId of ids) await queue.sendDead('default', { ...message, taskId });
      const first = await queue.receiveDead('default', 30);
      const second = await queue.receiveDead('default', 30);
      expect([first.length, second.length]).toEqual([10, 2]);
      const taken = [...first, ...second].map(({ body }) => parseMessage(body));
      expect(taken).toEqual(
        expect.arrayContaining(ids.map((taskId) => ({ message: { ...message, taskId } }))),
      );
      expect(await queue.receiveDead('default', 30)).toEqual([]);
    });

    it('are gone for good when they are removed, the others are not', async () => {
      await queue.sendDead('default', { ...message, taskId: 'kept' });
      const kept = await takeOne();
      await queue.sendDead('default', { ...message, taskId: 'removed' });
      await queue.removeDead(await takeOne());
      await harness.advance(30_000);
      expect((await takeOne()).body).toBe(kept.body);
    });

    it('may be removed twice: the first reply may have been lost', async () => {
      await queue.sendDead('default', message);
      const letter = await takeOne();
      await queue.removeDead(letter);
      await queue.removeDead(letter);
      await harness.advance(30_000);
      expect(await queue.receiveDead('default', 30)).toEqual([]);
    });

    it('are removed though they are no longer hidden, if nobody took them anew', async () => {
      await queue.sendDead('default', message);
      const letter = await takeOne();
      await harness.advance(30_000);
      await queue.removeDead(letter);
      expect(await queue.receiveDead('default', 30)).toEqual([]);
    });

    it('are shown at once when they are put back, with all that they carried, any number of times', async () => {
      await queue.sendDead('default', { ...message, error: { type: 'UpstreamError', message: 'it broke' } });
      for (let times = 0; times < 3; times++) await queue.putBackDead(await takeOne());
      const dead = await harness.receiveDead('default');
      expect(dead?.attributes).toEqual({ taskId: message.taskId, errorType: 'UpstreamError' });
      expect(parseMessage(dead?.body ?? '')).toMatchObject({ message });
    });

    it('are put back one by one: the others stay hidden', async () => {
      for (const taskId of ['a', 'b', 'c']) await queue.sendDead('default', { ...message, taskId });
      const letters = await queue.receiveDead('default', 30);
      const back = letters[1];
      if (back === undefined) throw new Error('there are not three letters');
      await queue.putBackDead(back);
      expect((await takeOne()).body).toBe(back.body);
    });

    it('are not put back by a receipt that no longer holds them', async () => {
      await queue.sendDead('default', message);
      const stale = await takeOne();
      await harness.advance(30_000);
      const held = await takeOne();
      await expect(queue.putBackDead(stale)).rejects.toMatchObject({ name: 'MessageNotInflight' });
      expect(await queue.receiveDead('default', 30)).toEqual([]);
      await queue.putBackDead(held);
      expect((await takeOne()).body).toBe(held.body);
    });

    it('are not put back once they are removed', async () => {
      await queue.sendDead('default', message);
      const letter = await takeOne();
      await queue.removeDead(letter);
      await expect(queue.putBackDead(letter)).rejects.toThrow();
      await harness.advance(30_000);
      expect(await queue.receiveDead('default', 30)).toEqual([]);
    });
  });
}
