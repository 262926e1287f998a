import type { TaskMessage } from '../lifecycle/task-message.ts';
import type { QueueName } from '../tasks/define-task.ts';

/** A message as a worker received it; `receipt` is what the queue wants back to delay it. */
export interface Delivery {
  readonly queue: QueueName;
  readonly messageId: string;
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
  putBack(delivery: Delivery, seconds: number): Promise<void>;
  /** Puts a task's dead letter into the queue's dead-letter queue. */
  sendDead(queue: QueueName, message: TaskMessage): Promise<void>;
  /** Puts a message that no worker can handle into the dead-letter queue as it came, with the reason beside it. */
  sendUnreadable(delivery: Delivery, reason: string): Promise<void>;
}
