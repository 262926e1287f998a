/** A queue as it was, or will be if nobody touches it, at a moment. */
export interface QueueState {
  name: string;
  visible: number;
  /** Received, and neither deleted nor visible again. */
  notVisible: number;
  delayed: number;
  /**
   * When the oldest message was sent, in milliseconds since the epoch, one that was received three times or more left
   * out, as SQS leaves it out; null when there is none.
   */
  oldestSentAt: number | null;
}

/** A message, as far as its queue's state is made of it; times in milliseconds since the epoch. */
export interface InspectedMessage {
  sentAt: number;
  receives: number;
  /** When its delay ends; absent when it has none. */
  delayedUntil?: number;
  /** When it becomes visible again; absent when it is not in flight. */
  invisibleUntil?: number;
}

const RECEIVES_LEFT_OUT = 3;

/**
 * The state of a queue at a moment, made of the messages that it holds now: those that were sent later are left out,
 * delays and visibility timeouts end when they are due.
 * Source: Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS".
 */
export function stateAt(name: string, messages: Iterable<InspectedMessage>, moment: number): QueueState {
  const state: QueueState = { name, visible: 0, notVisible: 0, delayed: 0, oldestSentAt: null };
  for (const { sentAt, receives, delayedUntil = 0, invisibleUntil = 0 } of messages) {
    if (sentAt > moment) continue;
    if (invisibleUntil > moment) state.notVisible += 1;
    else if (delayedUntil > moment) state.delayed += 1;
    else state.visible += 1;
    if (receives < RECEIVES_LEFT_OUT) state.oldestSentAt = Math.min(state.oldestSentAt ?? sentAt, sentAt);
  }
  return state;
}
