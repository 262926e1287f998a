import { isRunning } from '../../lifecycle/task-record.ts';
import type { Sabotage } from '../sabotage.ts';

/** Every message takes a running task away from its worker. */
export const leaseIgnored: Sabotage = {
  name: 'lease-ignored',
  description: 'workers take every lease for one that has run out',
  ports: (ports, { kind }) =>
    kind !== 'worker'
      ? ports
      : {
          ...ports,
          store: {
            ...ports.store,
            async read(taskId) {
              const record = await ports.store.read(taskId);
              return record !== null && isRunning(record) ? { ...record, leaseUntil: 0 } : record;
            },
          },
        },
};
