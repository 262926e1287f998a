/**
 * The shard, 0 to `shards - 1`, of a task: spreads tasks evenly over index partitions and never changes for an id.
 * Source: the FNV-1a hash.
 */
export function shardOf(taskId: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < taskId.length; i++) {
    hash = Math.imul(hash ^ taskId.charCodeAt(i), 0x01000193) >>> 0;
  }
  return hash % shards;
}
