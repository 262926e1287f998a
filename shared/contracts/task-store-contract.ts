import { describe } from 'vitest';
import type { TaskStore } from '../ports/task-store.ts';
import { type AlongsideScene, describeAlongside } from './task-store-alongside.ts';
import { describeDue } from './task-store-due.ts';
import { describeFailed } from './task-store-failed.ts';
import { describeListing } from './task-store-listing.ts';
import { describeLocks } from './task-store-locks.ts';
import { describeSaving } from './task-store-saving.ts';
import { describeSteps } from './task-store-steps.ts';
import { describeWake } from './task-store-wake.ts';

/** What every task store must do; `makeStore` and `makeScene` give an empty one for each test. */
export function describeTaskStore(
  name: string,
  makeStore: () => Promise<TaskStore>,
  makeScene: () => Promise<AlongsideScene>,
): void {
  describe(`task store: ${name}`, () => {
    describeSaving(makeStore);
    describeSteps(makeStore);
    describeAlongside(makeScene);
    describeLocks(makeScene);
    describeDue(makeStore);
    describeWake(makeStore);
    describeFailed(makeStore);
    describeListing(makeStore);
  });
}
