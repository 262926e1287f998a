import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A repeated request begins its task anew, whatever that has come to. */
export const createOverwrites: Sabotage = {
  name: 'create-overwrites',
  description: 'a new record replaces one of the same id',
  services: (services) =>
    withStore(services, {
      async create(record, options) {
        const current = await services.store.read(record.taskId);
        if (current === null) return services.store.create(record, options);
        return services.store.save({ ...record, version: current.version + 1 }, current, { wakeBy: null });
      },
    }),
};
