import type { Clock } from '../ports/clock.ts';
import { wholeDelay, wholeVisibility } from '../ports/queue-limits.ts';
import { toQueueAttribute, toQueueJson } from '../ports/queue-text.ts';
import type { HeldDelivery, HeldLetter, TaskQueue } from '../ports/task-queue.ts';
import type { QueueName } from '../tasks/define-task.ts';
import { takeFairly } from './take-fairly.ts';

/** A received message, with what a worker's platform knows beside it. */
export interface MemoryDelivery extends HeldDelivery {
  readonly group: string;
  /** 1 at the first receipt. */
  readonly receiveCount: number;
}

/** A message in a dead-letter queue. */
export interface MemoryDeadLetter {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Thrown for a receipt whose message was deleted, is visible again or was received anew, as SQS does. */
export class MessageNotInflight extends Error {
  override name = 'MessageNotInflight';
}

/** Queues in this process, with the worker's side of them, on an injected clock. */
export interface MemoryTaskQueue extends TaskQueue {
  /** Takes up to `max` visible messages, groups by turns and the oldest of each first; hides them for `visibilitySeconds`. */
  receive(queue: QueueName, options?: { max?: number; visibilitySeconds?: number }): MemoryDelivery[];
  /** Deletes a received message; does nothing when its receipt is no longer the newest. */
  remove(delivery: HeldDelivery): void;
  /** What the queue's dead-letter queue holds, oldest first. */
  deadLetters(queue: QueueName): readonly MemoryDeadLetter[];
  /** Moves all dead letters back into the queue, as the console's redrive does; returns how many. */
  redriveDeadLetters(queue: QueueName): number;
  /** Sends a body of any kind, as somebody else's code might. */
  sendRaw(queue: QueueName, body: string): void;
  /** Messages of a queue by what a worker could do with them now: receive them, or not (delayed, or held). */
  depth(queue: QueueName): { visible: number; hidden: number };
}

interface Message {
  readonly messageId: string;
  readonly body: string;
  readonly group: string;
  visibleAt: number;
  receiveCount: number;
  /** The newest receipt; it holds the message while that is hidden. Null before the first. */
  receipt: string | null;
}

interface DeadLetter extends MemoryDeadLetter {
  visibleAt: number;
  receipt: string | null;
}

interface Line {
  readonly messages: Message[];
  readonly dead: DeadLetter[];
  /** When each group had its last turn. */
  readonly served: Map<string, number>;
}

/** Source: Amazon SQS, ReceiveMessage, MaxNumberOfMessages. */
const mostReceived = 10;

/** Creates empty queues. */
export function createMemoryTaskQueue(clock: Pick<Clock, 'now'>): MemoryTaskQueue {
  const queues = new Map<QueueName, Line>();
  let sent = 0;
  let taken = 0;

  const at = (name: QueueName) => {
    const queue: Line = queues.get(name) ?? { messages: [], dead: [], served: new Map() };
    queues.set(name, queue);
    return queue;
  };
  const add = (name: QueueName, body: string, group: string, delaySeconds: number) => {
    const messageId = `message-${++sent}`;
    const visibleAt = clock.now() + delaySeconds * 1000;
    at(name).messages.push({ messageId, body, group, visibleAt, receiveCount: 0, receipt: null });
  };
  const heldLetter = ({ queue, receipt }: HeldLetter) =>
    at(queue).dead.find((letter) => letter.receipt === receipt && letter.visibleAt > clock.now());
  const held = ({ queue, receipt }: HeldDelivery) =>
    at(queue).messages.find((message) => message.receipt === receipt && message.visibleAt > clock.now());

  return {
    async send(queue, message, { delaySeconds, group }) {
      add(queue, toQueueJson(message), group, wholeDelay(delaySeconds));
    },
    async putBack(delivery, seconds) {
      const message = held(delivery);
      if (!message) throw new MessageNotInflight(`message ${delivery.messageId} is not held by this receipt`);
      const visibility = wholeVisibility(seconds);
      message.visibleAt = clock.now() + visibility * 1000;
    },
    async sendDead(queue, message) {
      const attributes = attributesOf({ taskId: message.taskId, errorType: message.error?.type ?? '' });
      at(queue).dead.push({ body: toQueueJson(message), attributes, visibleAt: clock.now(), receipt: null });
    },
    async sendUnreadable({ queue, messageId, body }, reason) {
      const attributes = attributesOf({ reason, messageId });
      at(queue).dead.push({ body, attributes, visibleAt: clock.now(), receipt: null });
    },
    async receiveDead(queue, hideSeconds) {
      const visible = at(queue).dead.filter(({ visibleAt }) => visibleAt <= clock.now());
      return visible.slice(0, mostReceived).map((letter) => {
        letter.visibleAt = clock.now() + wholeVisibility(hideSeconds) * 1000;
        letter.receipt = `letter-${++taken}`;
        return { queue, receipt: letter.receipt, body: letter.body };
      });
    },
    async removeDead(letter) {
      const { dead } = at(letter.queue);
      const index = dead.findIndex(({ receipt }) => receipt === letter.receipt);
      if (index >= 0) dead.splice(index, 1);
    },
    async putBackDead(letter) {
      const held = heldLetter(letter);
      if (held === undefined) throw new MessageNotInflight(`the letter is not held by ${letter.receipt}`);
      held.visibleAt = clock.now();
    },
    receive(queue, { max = 10, visibilitySeconds = 30 } = {}) {
      const visible = at(queue).messages.filter((message) => message.visibleAt <= clock.now());
      return takeFairly(visible, max, at(queue).served).map((message) => {
        message.receiveCount++;
        message.visibleAt = clock.now() + visibilitySeconds * 1000;
        message.receipt = `${message.messageId}/${message.receiveCount}`;
        const { messageId, body, group, receiveCount, receipt } = message;
        return { queue, messageId, receipt, body, group, receiveCount };
      });
    },
    remove({ queue, receipt }) {
      const { messages } = at(queue);
      const index = messages.findIndex((message) => message.receipt === receipt);
      if (index >= 0) messages.splice(index, 1);
    },
    deadLetters: (queue) => at(queue).dead.map(({ body, attributes }) => ({ body, attributes })),
    redriveDeadLetters(queue) {
      const letters = at(queue).dead.splice(0);
      for (const { body } of letters) add(queue, body, 'redrive', 0);
      return letters.length;
    },
    sendRaw: (queue, body) => add(queue, body, 'raw', 0),
    depth(queue) {
      const { messages } = at(queue);
      const visible = messages.filter((message) => message.visibleAt <= clock.now()).length;
      return { visible, hidden: messages.length - visible };
    },
  };
}

function attributesOf(texts: Record<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, text] of Object.entries(texts)) {
    const value = toQueueAttribute(text);
    if (value !== null) kept[name] = value;
  }
  return kept;
}
