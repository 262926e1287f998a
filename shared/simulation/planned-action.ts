import type { Priority, QueueName } from '../tasks/define-task.ts';
import type { CodeVersion } from './implementations.ts';

/** Whose tasks the clients' are. */
export const tenant = 'acme';

/** A task that somebody will ask for. */
export interface PlannedSubmission {
  readonly kind: 'submit';
  readonly at: number;
  readonly n: number;
  readonly task: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly priority: Priority;
  readonly idempotencyKey: string | null;
  /** How much later it is to run, and how long after that it may still start, in milliseconds; null for at once and ever. */
  readonly countdown: number | null;
  readonly startWithin: number | null;
  /** How often the client asks again when it gets no answer, or a bad one. */
  readonly repeats: number;
}

/** What happens in a run from outside, `at` milliseconds after its beginning. Tasks are named by their ask. */
export type PlannedAction =
  | PlannedSubmission
  | { readonly kind: 'cancel' | 'retry' | 'edited-retry'; readonly at: number; readonly n: number }
  /** `whole` redrives whatever lies in the dead-letter queues, and not this one alone. */
  | { readonly kind: 'redrive'; readonly at: number; readonly n: number; readonly whole: boolean }
  | { readonly kind: 'console-redrive'; readonly at: number; readonly queue: QueueName }
  | { readonly kind: 'sweep-letters'; readonly at: number }
  /** An old or doubled hint of a task shows up. */
  | { readonly kind: 'nudge'; readonly at: number; readonly n: number }
  /** A message that no worker can handle, from somebody else's code. */
  | { readonly kind: 'stray-message'; readonly at: number; readonly queue: QueueName; readonly body: string }
  | { readonly kind: 'schedule'; readonly at: number; readonly slotMinute: number; readonly n: number }
  | { readonly kind: 'deploy'; readonly at: number; readonly version: CodeVersion };

/** What somebody does from outside. */
export type ActorKind = PlannedAction['kind'];

/** Every kind of actor. */
export const actorKinds: readonly ActorKind[] = [
  ...(['submit', 'cancel', 'retry', 'edited-retry', 'redrive', 'nudge'] as const),
  ...(['console-redrive', 'sweep-letters', 'stray-message', 'schedule', 'deploy'] as const),
];
