import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { WatchedRecord } from './watch-tasks.ts';

/** Shows tasks as they come along: bars on a terminal, one line a change elsewhere. */
export interface ProgressDisplay {
  show(records: readonly WatchedRecord[]): void;
  /** Says something without tearing the bars. */
  say(line: string): void;
  stop(): void;
}

/** Opens a display with a line for each name, in the order in which records will be shown. */
export function openProgressDisplay(names: readonly string[]): ProgressDisplay {
  return process.stdout.isTTY ? openBars(names) : openLines(names);
}

function openBars(names: readonly string[]): ProgressDisplay {
  const format = '  {name} {bar} {percentage}%  {words}';
  const bars = new MultiBar(
    { format, hideCursor: true, barsize: 24, linewrap: false },
    Presets.shades_classic,
  );
  const width = Math.max(...names.map((name) => name.length));
  const rows: readonly SingleBar[] = names.map((name) =>
    bars.create(100, 0, { name: name.padEnd(width), words: 'PENDING' }),
  );
  return {
    show(records) {
      records.forEach((record, row) => {
        rows[row]?.update(record.state === 'SUCCESS' ? 100 : (record.progress ?? 0), {
          words: wordsFor(record),
        });
      });
    },
    say: (line) => bars.log(`${line}\n`),
    stop: () => bars.stop(),
  };
}

function openLines(names: readonly string[]): ProgressDisplay {
  const shown = new Map<string, string>();
  return {
    show(records) {
      records.forEach((record, row) => {
        const line = `  ${names[row]}: ${Math.round(record.progress ?? 0)}% ${wordsFor(record)}`;
        if (shown.get(record.task_id) !== line) console.log(line);
        shown.set(record.task_id, line);
      });
    },
    say: (line) => console.log(line),
    stop: () => shown.clear(),
  };
}

function wordsFor(record: WatchedRecord): string {
  const attempt = record.attempts > 1 ? ` (attempt ${record.attempts} of ${record.max_attempts})` : '';
  const words =
    record.state === 'RETRY' || record.state === 'FAILURE' ? record.error?.message : record.status;
  return `${record.state}${attempt} ${words ?? ''}`.trimEnd();
}
