import type { TaskRecord, TimelineEntry } from './task-record.ts';

const longest = 50;
const longestDetail = 200;

/** The timeline with one more entry; the first is always kept, the oldest after it go first. */
export function extendTimeline(record: Pick<TaskRecord, 'timeline'>, entry: TimelineEntry): TimelineEntry[] {
  const bounded = { ...entry, detail: entry.detail?.slice(0, longestDetail).toWellFormed() ?? null };
  const extended = [...record.timeline, bounded];
  const [first] = extended;
  if (extended.length <= longest || !first) return extended;
  return [first, ...extended.slice(extended.length - longest + 1)];
}
