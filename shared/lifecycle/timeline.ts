import type { TaskRecord, TimelineEntry } from './task-record.ts';

const longest = 50;
const longestDetail = 200;

/**
 * The timeline with one more entry. The first is always kept, and so are those that open an epoch, as far as there is
 * room: they say who asked for it. Of the others the oldest go first.
 */
export function extendTimeline(record: Pick<TaskRecord, 'timeline'>, entry: TimelineEntry): TimelineEntry[] {
  const bounded = { ...entry, detail: entry.detail?.slice(0, longestDetail).toWellFormed() ?? null };
  const extended = [...record.timeline, bounded];
  while (extended.length > longest) extended.splice(dispensable(extended), 1);
  return extended;
}

function dispensable(timeline: readonly TimelineEntry[]): number {
  const usual = timeline.findIndex((entry, index) => index > 0 && !opensEpoch(entry));
  return usual < 0 || usual === timeline.length - 1 ? 1 : usual;
}

function opensEpoch({ state, attempt }: TimelineEntry): boolean {
  return state === 'PENDING' && attempt === 0;
}
