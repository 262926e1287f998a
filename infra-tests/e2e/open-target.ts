import { inject } from 'vitest';
import { openDeployed } from '../deploy/deployed-target.ts';
import type { CloudPowers } from './cloud-powers.ts';
import { startLaptopTarget } from './laptop-target.ts';
import type { Target } from './target.ts';

/** The target of stories that need no more than AWS itself allows. */
export interface OpenTarget {
  readonly target: Target;
  readonly powers: CloudPowers;
  stop(): Promise<void>;
}

/** Opens the stage that this run has deployed, or else a laptop cloud of the test file's own. */
export function openTarget(): Promise<OpenTarget> {
  const deployed = inject('deployed');
  return deployed === undefined ? startLaptopTarget() : openDeployed(deployed);
}
