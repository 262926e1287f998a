import { startLaptopTarget } from './laptop-target.ts';
import type { Target } from './target.ts';

/** The target of stories that need HTTP and nothing else. */
export interface OpenTarget {
  readonly target: Target;
  stop(): Promise<void>;
}

/** Opens a laptop cloud of the test file's own; a stage that was deployed for tests would be opened here. */
export function openTarget(): Promise<OpenTarget> {
  return startLaptopTarget();
}
