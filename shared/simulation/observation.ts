import type { StepRecord } from '../lifecycle/step-record.ts';
import type { TaskMessage } from '../lifecycle/task-message.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { AttemptEvent } from '../pipeline/worker-setup.ts';
import type { QueueName } from '../tasks/define-task.ts';
import type { TaskHooks } from '../tasks/implement-task.ts';
import type { SimProcess } from './process.ts';

/** Something that really happened, told to every rule at the moment at which it happened. */
export type Observation =
  | { readonly kind: 'asked'; readonly ask: Ask }
  | { readonly kind: 'accepted'; readonly ask: Ask; readonly taskId: string; readonly duplicate: boolean }
  | { readonly kind: 'must-not-happen'; readonly taskId: string | null; readonly what: string }
  | { readonly kind: 'calmed-down' }
  | { readonly kind: 'cancel-accepted'; readonly taskId: string; readonly epoch: number }
  | { readonly kind: 'created'; readonly process: SimProcess; readonly record: TaskRecord }
  | {
      readonly kind: 'saved';
      readonly process: SimProcess;
      readonly before: TaskRecord;
      readonly after: TaskRecord;
    }
  | {
      readonly kind: 'wake-moved';
      readonly process: SimProcess;
      readonly before: TaskRecord;
      readonly after: TaskRecord;
    }
  | {
      readonly kind: 'step-saved';
      readonly process: SimProcess;
      readonly record: TaskRecord;
      readonly step: StepRecord;
    }
  | {
      readonly kind: 'effect';
      readonly process: SimProcess;
      readonly record: TaskRecord;
      readonly step: EffectStep;
    }
  | {
      readonly kind: 'limit-changed';
      readonly process: SimProcess;
      readonly key: string;
      readonly before: unknown;
      readonly after: unknown;
    }
  | {
      readonly kind: 'hook';
      readonly process: SimProcess;
      readonly record: TaskRecord;
      readonly hook: HookName;
    }
  | { readonly kind: 'step-returned'; readonly record: TaskRecord; readonly step: EffectStep }
  | { readonly kind: 'delivered'; readonly process: SimProcess; readonly message: TaskMessage }
  | {
      readonly kind: 'attempt';
      readonly process: SimProcess;
      readonly messageId: string;
      readonly event: AttemptEvent;
    }
  | { readonly kind: 'letter-sent'; readonly queue: QueueName; readonly message: TaskMessage };

/** Which hook. */
export type HookName = keyof TaskHooks<unknown>;

/** Which effect, and whether it may never be repeated. */
export interface EffectStep {
  readonly name: string;
  readonly atMostOnce: boolean;
}

/** A wish for a task as a client or a schedule has it; what is equal in `sameAs` must become one task. */
export interface Ask {
  /** In the task's input, so that its record can be traced back to it. */
  readonly n: number;
  readonly task: string;
  readonly sameAs: string | null;
  /** Of which there may be only one unfinished task; null for any number. */
  readonly thing: string | null;
}

/** Tells an observation to all who listen. */
export type Observe = (observation: Observation) => void;
