import type { TaskStore } from '../../ports/task-store.ts';
import type { Services } from '../process-ports.ts';

/** The services with some methods of the store replaced. */
export function withStore(services: Services, changed: Partial<TaskStore>): Services {
  return { ...services, store: { ...services.store, ...changed } };
}
