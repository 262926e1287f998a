import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { MemoryPorts } from '../memory/memory-ports.ts';
import type { Observation } from './observation.ts';
import type { Plan } from './plan.ts';

/** Something that must hold in every run, whatever goes wrong. */
export interface Rule {
  readonly name: string;
  /** Begins to watch one run. */
  watch(means: RuleMeans): RuleWatch;
}

/** What a rule may ask and tell. */
export interface RuleMeans {
  readonly plan: Plan;
  /** The world's time. */
  now(): number;
  report(taskId: string | null, what: string): void;
}

/** One run as a rule follows it. */
export interface RuleWatch {
  see?(observation: Observation): void;
  /** Called once all is over. */
  end?(state: EndState): void | Promise<void>;
}

/** What a run has come to. */
export interface EndState {
  readonly records: ReadonlyMap<string, TaskRecord>;
  readonly base: MemoryPorts;
}

/** A rule that was broken. */
export interface Violation {
  readonly rule: string;
  readonly taskId: string | null;
  readonly what: string;
}

/** How far the clocks of two processes may be apart, moved ones included, in milliseconds. */
export function clockTolerance(plan: Plan): number {
  return 4 * plan.skewMs;
}
