import { isRunning } from '../../lifecycle/task-record.ts';
import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** The worker never hears of a cancel. */
export const cancelFlagDropped: Sabotage = {
  name: 'cancel-flag-dropped',
  description: 'the request to cancel a running task is not stored',
  services: (services) =>
    withStore(services, {
      save: (next, previous, options) =>
        services.store.save(isRunning(next) ? { ...next, cancelRequest: null } : next, previous, options),
    }),
};
