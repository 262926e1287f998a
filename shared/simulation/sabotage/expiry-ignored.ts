import type { Sabotage } from '../sabotage.ts';

/** A task runs although nobody wants it any more. */
export const expiryIgnored: Sabotage = {
  name: 'expiry-ignored',
  description: 'workers do not look whether a task has expired',
  ports: (ports, { kind }) =>
    kind !== 'worker'
      ? ports
      : {
          ...ports,
          store: {
            ...ports.store,
            async read(taskId) {
              const record = await ports.store.read(taskId);
              return record && { ...record, startBy: null };
            },
          },
        },
};
