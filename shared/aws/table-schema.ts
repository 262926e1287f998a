/** The pipeline table's key: `partition` names the task or other thing, `sort` the part of it. Both are strings. */
export const tableKey = { partition: 'pk', sort: 'sk' } as const;

/** The index behind listings, keys only: `timelinePk` (tenant, day, shard) and `timelineSk` (time, task) are strings. */
export const timelineIndex = {
  name: 'timeline',
  partition: 'timelinePk',
  sort: 'timelineSk',
} as const;

/**
 * The sparse index of records that need a look, keys only: `attentionPk` (kind, shard) is a string, `wakeAt` a number
 * of milliseconds since the epoch.
 */
export const attentionIndex = {
  name: 'attention',
  partition: 'attentionPk',
  sort: 'wakeAt',
} as const;

/** The table's TTL attribute: seconds since the epoch, on ended records, steps, unique locks and limits. */
export const ttlAttribute = 'ttl';

/** Partitions of one tenant's day in the timeline index: no single one takes all of a busy tenant's writes. */
export const timelineShards = 4;
