import * as z from 'zod';
import type { TaskSpec } from './define-task.ts';
import { PermanentError } from './task-errors.ts';

/** A place for a task's own log lines; the runtime adds task id, attempt, queue and trace to each. */
export interface TaskLog {
  /** Kept in dev, and elsewhere for the stage's share of requests; see docs/logs.md. */
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** How a step is to be treated. */
export interface StepOptions {
  /** Never repeats a step that had begun and whose end is unknown: the task ends StepUncertain. @default false */
  readonly atMostOnce?: boolean;
}

/** What the pipeline hands to a task beside its input; every call throws once the attempt has ended. */
export interface TaskContext {
  readonly taskId: string;
  /** Whose task it is: entities of other tenants are none of its business. */
  readonly tenant: string;
  /** What the log lines of the task and of the request that submitted it share; outside services are told it too. */
  readonly correlationId: string | null;
  /** 1 for the first attempt of the epoch. */
  readonly attempt: number;
  /** Aborts on the soft time limit, when another worker took the task over and when the attempt has ended. */
  readonly signal: AbortSignal;
  /** Tells how far the task is (0–100) and in which words; never goes back, written at most once a second. */
  progress(percent: number, status: string): void;
  /**
   * Runs a side effect and records its result before going on, so that a later attempt gets the result instead of the
   * effect. A crash between the effect and its record can repeat the effect: `key` is the same each time, for the
   * upstream's own idempotency. The result must be JSON; names are unique within a task; steps may run side by side.
   */
  step<Value>(name: string, effect: (key: string) => Promise<Value>, options?: StepOptions): Promise<Value>;
  readonly log: TaskLog;
}

/** A task's work: takes the parsed input, returns the result or throws. */
export type TaskFunction<Input, Output> = (input: Input, context: TaskContext) => Promise<Output>;

/** The work that a spec asks for. */
export type WorkOf<Spec> =
  Spec extends TaskSpec<infer Input, infer Output> ? TaskFunction<Input, Output> : never;

/** What a hook is told of the task. */
export interface HookContext {
  readonly taskId: string;
  readonly tenant: string;
  readonly attempt: number;
  /** Aborts when the hook has taken too long to be waited for. */
  readonly signal: AbortSignal;
  readonly log: TaskLog;
}

/**
 * What is to follow an outcome, once it is recorded: at most once, and without a bearing on the task. A worker that dies
 * in between runs no hook; what must not be missed is a task of its own. Source: Celery, Task.on_success and its like.
 */
export interface TaskHooks<Output> {
  onSuccess?(result: Output, context: HookContext): Promise<void>;
  /** The task has failed for good. */
  onFailure?(error: HookError, context: HookContext): Promise<void>;
  /** The attempt has failed and will be followed by another. */
  onRetry?(error: HookError, context: HookContext): Promise<void>;
}

/** What an attempt failed with, as the record keeps it. */
export interface HookError {
  readonly type: string;
  readonly message: string;
}

type OutputOf<Spec> = Spec extends TaskSpec<never, infer Output> ? Output : unknown;

/** A spec together with its work; bundled only into the worker that runs it. */
export interface TaskImplementation {
  readonly spec: TaskSpec;
  readonly hooks: TaskHooks<unknown>;
  /** Parses the input, runs the work, parses the result: the only way in, so that neither side is ever unchecked. */
  run(input: unknown, context: TaskContext): Promise<unknown>;
}

/** The stored input does not fit the spec (any more): no retry can mend that. */
export class InvalidInput extends PermanentError {
  override name = 'InvalidInput';
}

/** The work returned something that does not fit the spec: a fault of its code, not worth repeating its effects. */
export class InvalidResult extends PermanentError {
  override name = 'InvalidResult';
}

/** Binds a task's work to its spec. `run` throws InvalidInput, InvalidResult, or what the work throws. */
export function implement<Spec extends TaskSpec>(
  spec: Spec,
  work: WorkOf<Spec>,
  hooks?: TaskHooks<OutputOf<Spec>>,
): TaskImplementation;
export function implement(
  spec: TaskSpec,
  work: TaskFunction<unknown, unknown>,
  hooks: TaskHooks<unknown> = {},
): TaskImplementation {
  return {
    spec,
    hooks,
    async run(input, context) {
      const accepted = spec.input.safeParse(input);
      if (!accepted.success) throw new InvalidInput(z.prettifyError(accepted.error));
      const result = spec.output.safeParse(await work(accepted.data, context));
      if (!result.success) throw new InvalidResult(z.prettifyError(result.error));
      return result.data;
    },
  };
}
