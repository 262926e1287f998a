import { describe } from 'vitest';
import type { TaskStore } from '../ports/task-store.ts';
import { describeAttention } from './task-store-attention.ts';
import { describeListing } from './task-store-listing.ts';
import { describeSaving } from './task-store-saving.ts';

/** What every task store must do; `makeStore` gives an empty one for each test. */
export function describeTaskStore(name: string, makeStore: () => Promise<TaskStore>): void {
  describe(`task store: ${name}`, () => {
    describeSaving(makeStore);
    describeAttention(makeStore);
    describeListing(makeStore);
  });
}
