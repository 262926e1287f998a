import type { AlongsideWrite } from './alongside-write.ts';

/** The most writes that fit beside a record and its lock. Source: Amazon DynamoDB, TransactWriteItems: 100 actions. */
export const mostAlongside = 98;

/** Throws TypeError for writes that no store can commit together: too many, two of one item, an item of another key. */
export function checkAlongside(writes: readonly AlongsideWrite[]): void {
  if (writes.length > mostAlongside) {
    throw new TypeError(`${writes.length} writes alongside a task are too many: at most ${mostAlongside}`);
  }
  const seen = new Set<string>();
  for (const { table, key, item } of writes) {
    const name = nameOfEntity(table, key);
    if (seen.has(name)) throw new TypeError(`two writes alongside a task are of the same item: ${name}`);
    seen.add(name);
    if (item !== null && (item['pk'] !== key.pk || item['sk'] !== key.sk)) {
      throw new TypeError(`the item to be written as ${name} carries another pk or sk: give it that key`);
    }
  }
}

/** How errors name an application's item. */
export function nameOfEntity(table: string, { pk, sk }: AlongsideWrite['key']): string {
  return `${table}: ${JSON.stringify({ pk, sk })}`;
}
