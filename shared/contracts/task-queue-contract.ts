import { beforeEach, describe, expect, it } from 'vitest';
import { parseMessage, type TaskMessage } from '../lifecycle/task-message.ts';
import type { HeldDelivery, TaskQueue } from '../ports/task-queue.ts';
import type { QueueName } from '../tasks/define-task.ts';
import { describeDeadLetters } from './task-queue-dead-letters.ts';

/** A dead letter as somebody in the console would read it. */
export interface DeadLetter {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A queue under test together with the worker's side of it, which the port does not have. */
export interface QueueHarness {
  readonly queue: TaskQueue;
  /** One visible message, hidden for 30 seconds from now on; null when none is visible. */
  receive(queue: QueueName): Promise<HeldDelivery | null>;
  /** One message of the queue's dead-letter queue with all that it carries, or null. */
  receiveDead(queue: QueueName): Promise<DeadLetter | null>;
  /** Sends a body that is not a task message. */
  sendRaw(queue: QueueName, body: string): Promise<void>;
  /** Moves the queue's time; what really passes comes on top, so tests leave seconds of room. */
  advance(ms: number): Promise<void>;
}

const message: TaskMessage = { v: 1, taskId: '019aa7c1', epoch: 1 };
const now = { delaySeconds: 0, group: 'acme' };

/** What every task queue must do; `makeHarness` gives empty queues for each test. */
export function describeTaskQueue(name: string, makeHarness: () => Promise<QueueHarness>): void {
  describe(`task queue: ${name}`, () => {
    let harness: QueueHarness;
    beforeEach(async () => {
      harness = await makeHarness();
    });

    const receive = async (queue: QueueName = 'default'): Promise<HeldDelivery> => {
      const delivery = await harness.receive(queue);
      if (delivery === null) throw new Error(`there is no visible message in ${queue}`);
      return delivery;
    };

    it('delivers a message to its own queue only, once while it is hidden', async () => {
      await harness.queue.send('priority', message, now);
      expect(await harness.receive('default')).toBeNull();
      const delivery = await receive('priority');
      expect(delivery).toMatchObject({ queue: 'priority', messageId: expect.any(String) });
      expect(parseMessage(delivery.body)).toEqual({ message });
      expect(await harness.receive('priority')).toBeNull();
      expect(await harness.receiveDead('priority')).toBeNull();
    });

    it('delivers again, under the same id, when nobody deleted the message in time', async () => {
      await harness.queue.send('default', message, now);
      const first = await receive();
      await harness.advance(20_000);
      expect(await harness.receive('default')).toBeNull();
      await harness.advance(10_000);
      const second = await receive();
      expect(second.messageId).toBe(first.messageId);
      expect(second.receipt).not.toBe(first.receipt);
    });

    it('hides a message until its delay is over', async () => {
      await harness.queue.send('default', message, { delaySeconds: 120, group: 'acme' });
      await harness.advance(110_000);
      expect(await harness.receive('default')).toBeNull();
      await harness.advance(10_000);
      expect(await harness.receive('default')).not.toBeNull();
    });

    it.each([-1, 901, Number.NaN])('refuses a delay of %d seconds', async (delaySeconds) => {
      await expect(harness.queue.send('default', message, { ...now, delaySeconds })).rejects.toThrow(
        RangeError,
      );
      await harness.advance(901_000);
      expect(await harness.receive('default')).toBeNull();
    });

    it('puts a message back for as long as asked, from now', async () => {
      await harness.queue.send('default', message, now);
      const delivery = await receive();
      await harness.advance(20_000);
      await harness.queue.putBack(delivery, 600);
      await harness.advance(590_000);
      expect(await harness.receive('default')).toBeNull();
      await harness.advance(10_000);
      expect((await receive()).messageId).toBe(delivery.messageId);
    });

    it.each([0, -5])('shows a message at once that is put back for %d seconds', async (seconds) => {
      await harness.queue.send('default', message, now);
      await harness.queue.putBack(await receive(), seconds);
      expect(await harness.receive('default')).not.toBeNull();
    });

    it('hides a message for at most twelve hours', async () => {
      await harness.queue.send('default', message, now);
      await harness.queue.putBack(await receive(), 100_000);
      await harness.advance(43_190_000);
      expect(await harness.receive('default')).toBeNull();
      await harness.advance(10_000);
      expect(await harness.receive('default')).not.toBeNull();
    });

    it('does not put back what the receipt no longer holds', async () => {
      await harness.queue.send('default', message, now);
      const stale = await receive();
      await harness.advance(30_000);
      await receive();
      await expect(harness.queue.putBack(stale, 600)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    });

    it('sends a dead letter, readable in the console, that reads back as it was', async () => {
      const error = { type: 'UpstreamError', message: 'tab\t, nul \u0000, \uFFFF, 🌍 and half of it \uD83C' };
      const letter: TaskMessage = { ...message, epoch: 2, dead: true, error };
      await harness.queue.sendDead('priority', letter);
      expect(await harness.receiveDead('default')).toBeNull();
      expect(await harness.receive('priority')).toBeNull();
      const dead = await harness.receiveDead('priority');
      expect(dead?.attributes).toEqual({ taskId: '019aa7c1', errorType: 'UpstreamError' });
      expect(parseMessage(dead?.body ?? '')).toEqual({ message: letter });
    });

    it('sends a dead letter without an error', async () => {
      await harness.queue.sendDead('default', { ...message, dead: true });
      expect((await harness.receiveDead('default'))?.attributes).toEqual({ taskId: '019aa7c1' });
    });

    it('sends an unreadable message on as it came, the reason beside it', async () => {
      await harness.sendRaw('default', ' {"v":2,\n');
      const delivery = await receive();
      await harness.queue.sendUnreadable(delivery, 'the body is not JSON: found \u0000');
      expect(await harness.receiveDead('default')).toEqual({
        body: ' {"v":2,\n',
        attributes: { messageId: delivery.messageId, reason: 'the body is not JSON: found \uFFFD' },
      });
    });

    it('cuts a long reason at 1 KB, between characters', async () => {
      await harness.sendRaw('default', 'x');
      await harness.queue.sendUnreadable(await receive(), `a${'ü'.repeat(2000)}`);
      const dead = await harness.receiveDead('default');
      expect(dead?.attributes['reason']).toBe(`a${'ü'.repeat(511)}`);
    });

    describeDeadLetters(makeHarness);
  });
}
