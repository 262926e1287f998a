import * as z from 'zod';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { decodeCursor, encodeCursor } from '../ports/cursor.ts';
import { passesFilters } from '../ports/listing-filter.ts';
import type { Page, TaskListing } from '../ports/task-store.ts';

const position = z.strictObject({ createdAt: z.int(), taskId: z.string() });
type Position = z.output<typeof position>;

/** One page of the records that a listing wants, newest first. Throws InvalidCursor. */
export function listMemory(records: readonly TaskRecord[], listing: TaskListing): Page<TaskRecord> {
  const { cursor, limit } = listing;
  const start = cursor === undefined ? null : decodeCursor(position, cursor);
  const wanted = records
    .filter((record) => record.tenant === listing.tenant && passesFilters(record, listing))
    .filter((record) => start === null || compareNewest(start, record) < 0)
    .sort(compareNewest);
  const items = wanted.slice(0, limit);
  const last = items.at(-1);
  const nextCursor =
    last && wanted.length > limit ? encodeCursor({ createdAt: last.createdAt, taskId: last.taskId }) : null;
  return { items, nextCursor };
}

function compareNewest(a: Position, b: Position): number {
  return b.createdAt - a.createdAt || (a.taskId < b.taskId ? 1 : -Number(a.taskId > b.taskId));
}
