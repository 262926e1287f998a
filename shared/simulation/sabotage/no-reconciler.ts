import type { Sabotage } from '../sabotage.ts';

/** Lost messages stay lost. */
export const noReconciler: Sabotage = {
  name: 'no-reconciler',
  description: 'the reconciler never runs',
  withoutReconciler: true,
};
