import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { text } from '../plain-schemas.ts';
import { decodeCursor, encodeCursor } from '../ports/cursor.ts';
import { earliestOf, isFiltered, passesFilters } from '../ports/listing-filter.ts';
import { InvalidCursor, type Page, type TaskListing } from '../ports/task-store.ts';
import { largestBatch, readBatch } from './batch-read.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { dayOf, taskIdOf, timelinePartition, timelineTime, timeOfKey } from './record-keys.ts';
import { timelineIndex, timelineShards } from './table-schema.ts';

const dayLength = 86_400_000;

/** How far a listing goes. */
export interface ListingBounds {
  /** Records read at once for a listing with a filter. */
  readonly batch: number;
  /** Batches that one page may read; a filter that lets little through gets a short page then. */
  readonly batches: number;
}

const usualBounds: ListingBounds = { batch: largestBatch, batches: 10 };

/** Days that are asked at once, each with a query a shard. */
const mostDays = 32;

const timelineEntry = z.object({ pk: text, timelineSk: text });
type TimelineEntry = z.output<typeof timelineEntry>;

/** Where a listing stands: in `day`, below the entry `below` (null: at the day's newest). */
const position = z.strictObject({ day: z.iso.date(), below: z.string().min(1).nullable() });
type Position = z.output<typeof position>;

/**
 * One page of a tenant's tasks, newest first. Each step merges the shards of some days by their index keys, then reads
 * and filters the records. It looks at twice as many days after each that was not enough, so that a quiet tenant costs
 * five round trips, not one for each day. Throws InvalidCursor.
 */
export async function listRecords(
  table: PipelineTable,
  listing: TaskListing,
  bounds: ListingBounds = usualBounds,
): Promise<Page<TaskRecord>> {
  const step = isFiltered(listing) ? bounds.batch : Math.min(listing.limit, largestBatch);
  const earliest = earliestOf(listing);
  const oldestDay = dayOf(earliest);
  const items: TaskRecord[] = [];
  let at: Position | null = startOf(listing, oldestDay);
  for (
    let width = 1, batches = 0;
    at !== null && items.length < listing.limit && batches < bounds.batches;
  ) {
    const days = daysBackFrom(at.day, width, oldestDay);
    const found = await newestEntries(table, listing.tenant, { days, below: at.below, limit: step });
    const entries = found.filter(({ timelineSk }) => timeOfKey(timelineSk) >= earliest);
    if (entries.length > 0) batches++;
    const records = await readBatch(
      table,
      entries.map(({ pk }) => taskIdOf(pk)),
    );
    const examined = takeMatching(entries, records, listing, items);
    const last = entries[examined - 1];
    const isMore = last !== undefined && (examined < entries.length || entries.length === step);
    width = isMore ? 1 : Math.min(mostDays, width * 2);
    at = isMore
      ? { day: dayOf(timeOfKey(last.timelineSk)), below: last.timelineSk }
      : dayBefore(days.at(-1) ?? at.day, oldestDay);
  }
  return { items, nextCursor: at === null ? null : encodeCursor(at) };
}

/** Adds the records that the listing wants to `items` until it is full; returns how many entries were looked at. */
function takeMatching(
  entries: readonly TimelineEntry[],
  records: ReadonlyMap<string, TaskRecord>,
  listing: TaskListing,
  items: TaskRecord[],
): number {
  let examined = 0;
  for (const { pk } of entries) {
    if (items.length >= listing.limit) break;
    examined++;
    const record = records.get(taskIdOf(pk));
    if (record !== undefined && passesFilters(record, listing)) items.push(record);
  }
  return examined;
}

/** The newest entries of some days below a position, merged over days and shards. */
async function newestEntries(
  table: PipelineTable,
  tenant: string,
  range: { days: readonly string[]; below: string | null; limit: number },
): Promise<TimelineEntry[]> {
  const { days, below, limit } = range;
  const partitions = days.flatMap((day) =>
    Array.from({ length: timelineShards }, (_, shard) => timelinePartition(tenant, day, shard)),
  );
  const found = await Promise.all(
    partitions.map((partition) =>
      table.client.send(
        new QueryCommand({
          TableName: table.tableName,
          IndexName: timelineIndex.name,
          KeyConditionExpression: `timelinePk = :partition${below === null ? '' : ' AND timelineSk < :below'}`,
          ExpressionAttributeValues: { ':partition': partition, ...(below !== null && { ':below': below }) },
          ScanIndexForward: false,
          Limit: limit,
        }),
      ),
    ),
  );
  return found
    .flatMap((answer) => (answer.Items ?? []).map((item) => timelineEntry.parse(item)))
    .sort((a, b) => (a.timelineSk < b.timelineSk ? 1 : -1))
    .slice(0, limit);
}

/** Where a listing begins, null when nothing can be there. Throws InvalidCursor. */
function startOf({ cursor, createdBefore, now }: TaskListing, oldestDay: string): Position | null {
  if (cursor !== undefined) {
    const start = decodeCursor(position, cursor);
    if (start.day > dayOf(now)) throw new InvalidCursor('the cursor points into the future');
    return start;
  }
  const start =
    createdBefore === undefined || createdBefore > now
      ? { day: dayOf(now), below: null }
      : { day: dayOf(createdBefore), below: timelineTime(createdBefore) };
  return start.day < oldestDay ? null : start;
}

/** `day` and the days before it, `width` in all, but none before `oldestDay`. */
function daysBackFrom(day: string, width: number, oldestDay: string): string[] {
  const days = [day];
  for (let next = dayBefore(day, oldestDay); next !== null && days.length < width; ) {
    days.push(next.day);
    next = dayBefore(next.day, oldestDay);
  }
  return days;
}

function dayBefore(day: string, oldestDay: string): Position | null {
  const before = dayOf(Date.parse(day) - dayLength);
  return before < oldestDay ? null : { day: before, below: null };
}
