import type { Sabotage } from '../sabotage.ts';
import { forceLimits } from './force-limits.ts';

/** Two workers take the last place. */
export const placesWithoutCondition: Sabotage = {
  name: 'places-without-condition',
  description: 'places under a concurrency key are saved whatever others saved meanwhile',
  services: (services) => forceLimits(services, (key) => !key.startsWith('rate/')),
};
