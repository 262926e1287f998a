import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** The reconciler puts off a look at a record that has changed since it read it. */
export const wakeMovedWithoutVersion: Sabotage = {
  name: 'wake-moved-without-version',
  description: 'the next look is moved whatever happened to the record since it was read',
  services: (services) =>
    withStore(services, {
      async moveWake(read, to) {
        const current = await services.store.read(read.taskId);
        return services.store.moveWake(current ?? read, to);
      },
    }),
};
