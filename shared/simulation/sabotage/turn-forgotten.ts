import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** Whoever has waited for its turn goes to the end of the line again. */
export const turnForgotten: Sabotage = {
  name: 'turn-forgotten',
  description: 'a task that a rate limit put off is not told that its turn has come',
  services: (services) =>
    withStore(services, {
      save: (next, previous, options) =>
        services.store.save('hasTurn' in next ? { ...next, hasTurn: false } : next, previous, options),
    }),
};
