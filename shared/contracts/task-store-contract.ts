import { describe } from 'vitest';
import type { TaskStore } from '../ports/task-store.ts';
import { type AlongsideScene, describeAlongside } from './task-store-alongside.ts';
import { describeAttention } from './task-store-attention.ts';
import { describeListing } from './task-store-listing.ts';
import { describeSaving } from './task-store-saving.ts';
import { describeSteps } from './task-store-steps.ts';

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
    describeAttention(makeStore);
    describeListing(makeStore);
  });
}
