import type { JournalEntry } from './journal.ts';

/**
 * The history of one task for people to read, a line an event: time since the beginning, process, what happened. What
 * befell the processes that had to do with it, and the world, is part of it.
 */
export function formatTrace(entries: readonly JournalEntry[], taskId: string | null): string[] {
  const involved = new Set(entries.filter((entry) => entry.taskId === taskId).map(({ who }) => who));
  const isShown = (entry: JournalEntry) =>
    taskId === null ||
    entry.taskId === taskId ||
    (entry.taskId === null && entry.who !== 'client' && (entry.who === null || involved.has(entry.who)));
  const shown = entries.filter(isShown);
  const width = Math.max(0, ...shown.map(({ who }) => who?.length ?? 0));
  return shown.map(({ at, who, what, taskId: about }) => {
    const whose = taskId === null && about !== null ? `${about}: ` : '';
    return `${formatTime(at)}  ${(who ?? '').padEnd(width)}  ${whose}${what}`;
  });
}

/** Minutes, seconds and milliseconds, so that lines align. */
function formatTime(ms: number): string {
  const minutes = String(Math.floor(ms / 60_000)).padStart(3, ' ');
  const seconds = ((ms % 60_000) / 1000).toFixed(3).padStart(6, '0');
  return `${minutes}:${seconds}`;
}
