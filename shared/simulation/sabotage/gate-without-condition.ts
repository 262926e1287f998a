import type { Sabotage } from '../sabotage.ts';
import { forceLimits } from './force-limits.ts';

/** Two workers pass the gate at the same time. */
export const gateWithoutCondition: Sabotage = {
  name: 'gate-without-condition',
  description: 'a rate limit is saved whatever others saved meanwhile',
  services: (services) => forceLimits(services, (key) => key.startsWith('rate/')),
};
