import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A new phase waits for the old one's doubled pause. */
export const lookNotPulledForward: Sabotage = {
  name: 'look-not-pulled-forward',
  description: 'a save leaves the time of the next look as the reconciler has moved it',
  services: (services) =>
    withStore(services, {
      save: (next, previous, options) =>
        services.store.save(
          { ...next, wakeAt: next.wakeAt === null ? null : (previous.wakeAt ?? next.wakeAt) },
          previous,
          { ...options, wakeBy: null },
        ),
    }),
};
