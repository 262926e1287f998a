import { isEnded, type TaskRecord } from '../lifecycle/task-record.ts';
import type { TaskListing } from './task-store.ts';

const day = 86_400_000;
/** As many as a record is kept at most after a task that was not put off. */
const usualDays = 30;
/** Covers a task that was put off for a year. */
const mostDays = 400;

/** The earliest time of creation that a listing asks for, in milliseconds since the epoch; see `createdAfter`. */
export function earliestOf({ createdAfter, createdBefore, now }: TaskListing): number {
  const startOfDay = (from: number, days: number) => Math.floor((from - days * day) / day) * day;
  const usual = startOfDay(Math.min(now, createdBefore ?? now), usualDays);
  return Math.max(createdAfter ?? usual, startOfDay(now, mostDays));
}

/** Whether a listing has a filter that only the record itself can answer. */
export function isFiltered({ state, task, tag, queue }: TaskListing): boolean {
  return [state, task, tag, queue].some((wanted) => wanted !== undefined);
}

/** Whether a record passes every filter of a listing, and has not expired; whose it is, is not looked at. */
export function passesFilters(record: TaskRecord, listing: TaskListing): boolean {
  const { state, task, tag, queue, createdBefore = Number.POSITIVE_INFINITY, now } = listing;
  if (isEnded(record) && record.expiresAt <= now) return false;
  if (record.createdAt < earliestOf(listing) || record.createdAt >= createdBefore) return false;
  return (
    (state === undefined || record.state === state) &&
    (task === undefined || record.task === task) &&
    (tag === undefined || record.tags.includes(tag)) &&
    (queue === undefined || record.queue === queue)
  );
}
