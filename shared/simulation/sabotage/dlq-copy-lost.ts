import type { Sabotage } from '../sabotage.ts';

/** Failed tasks are marked as lying in the dead-letter queue, and nothing lies there. */
export const dlqCopyLost: Sabotage = {
  name: 'dlq-copy-lost',
  description: 'dead letters are not sent',
  services: (services) => ({ ...services, queue: { ...services.queue, sendDead: async () => undefined } }),
};
