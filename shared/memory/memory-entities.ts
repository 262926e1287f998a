import { AlongsideRefused, type AlongsideWrite } from '../ports/alongside-write.ts';
import { checkAlongside, nameOfEntity } from '../ports/check-alongside.ts';

/** What an application keeps in its tables; null for a key that holds nothing. */
export type Entity = Readonly<Record<string, unknown>> | null;

/** The applications' items in this process, written only together with a task. */
export interface MemoryEntities {
  /** Makes all writes or none; throws AlongsideRefused, or TypeError for writes that do not go together. */
  write(taskId: string, writes: readonly AlongsideWrite[]): void;
  /** A copy of the item. */
  read(table: string, key: AlongsideWrite['key']): Entity;
}

/** Creates empty tables. */
export function createMemoryEntities(): MemoryEntities {
  const stored = new Map<string, NonNullable<Entity>>();
  return {
    write(taskId, writes) {
      checkAlongside(writes);
      const refused = writes.find((write) => !holds(write, stored.get(nameOfEntity(write.table, write.key))));
      if (refused !== undefined) {
        const name = nameOfEntity(refused.table, refused.key);
        throw new AlongsideRefused(
          `task ${taskId} was not created: ${name} is not as the write alongside expected`,
        );
      }
      for (const { table, key, item } of writes) {
        if (item === null) stored.delete(nameOfEntity(table, key));
        else stored.set(nameOfEntity(table, key), structuredClone(item));
      }
    },
    read: (table, key) => structuredClone(stored.get(nameOfEntity(table, key)) ?? null),
  };
}

function holds({ onlyIf }: AlongsideWrite, current: Entity | undefined): boolean {
  if (onlyIf === 'absent') return current === undefined;
  return current?.[onlyIf.attribute] === onlyIf.equals;
}
