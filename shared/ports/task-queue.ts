import type { TaskMessage } from '../lifecycle/task-message.ts';
import type { QueueName } from '../tasks/define-task.ts';

/** A message as a worker received it. */
export interface Delivery {
  readonly queue: QueueName;
  readonly messageId: string;
  /** What the queue wants back to delay the message; null when it came by a direct call and no queue holds it. */
  readonly receipt: string | null;
  readonly body: string;
}

/** A message that a queue holds for the worker, and would deliver again. */
export type HeldDelivery = Delivery & { readonly receipt: string };

/** Whether a queue holds the message: only then can it be put back. */
export function isHeld(delivery: Delivery): delivery is HeldDelivery {
  return delivery.receipt !== null;
}

/** A message of a dead-letter queue that was taken to be looked at, and is hidden from others meanwhile. */
export interface HeldLetter {
  readonly queue: QueueName;
  readonly receipt: string;
  readonly body: string;
}

/** Sends hints to workers. At least once, in any order: a lost, repeated or late message never matters to the record. */
export interface TaskQueue {
  /** Sends one message, visible after `delaySeconds` (0–900); tenants share a queue fairly by `group`. */
  send(
    queue: QueueName,
    message: TaskMessage,
    options: { delaySeconds: number; group: string },
  ): Promise<void>;
  /** Hides a received message for `seconds` (0–43200), counted from now. */
  putBack(delivery: HeldDelivery, seconds: number): Promise<void>;
  /** Puts a task's dead letter into the queue's dead-letter queue. */
  sendDead(queue: QueueName, message: TaskMessage): Promise<void>;
  /** Puts a message that no worker can handle into the dead-letter queue as it came, with the reason beside it. */
  sendUnreadable(delivery: Delivery, reason: string): Promise<void>;
  /** Takes up to 10 messages of the queue's dead-letter queue and hides them for `hideSeconds`; empty when none is found. */
  receiveDead(queue: QueueName, hideSeconds: number): Promise<readonly HeldLetter[]>;
  /** Deletes a message that was taken from a dead-letter queue. */
  removeDead(letter: HeldLetter): Promise<void>;
  /** Shows a message that was taken from a dead-letter queue again, at once. */
  putBackDead(letter: HeldLetter): Promise<void>;
}
