import type { Sabotage } from '../sabotage.ts';

/** A task runs as soon as a worker hears of it. */
export const etaIgnored: Sabotage = {
  name: 'eta-ignored',
  description: 'messages are sent without delay, and workers do not look whether a task is due',
  services: (services) => ({
    ...services,
    queue: {
      ...services.queue,
      send: (queue, message, options) => services.queue.send(queue, message, { ...options, delaySeconds: 0 }),
    },
  }),
  ports: (ports, { kind }) =>
    kind !== 'worker'
      ? ports
      : {
          ...ports,
          store: {
            ...ports.store,
            async read(taskId) {
              const record = await ports.store.read(taskId);
              return record?.state === 'SCHEDULED' ? { ...record, dueAt: 0 } : record;
            },
          },
        },
};
