import Table from 'cli-table3';
import type { DemoTask } from './demo-scenario.ts';
import type { WatchedRecord } from './watch-tasks.ts';

/** Prints how every task ended, and what lies in the dead-letter queues. */
export function printResults(
  tasks: readonly DemoTask[],
  records: readonly WatchedRecord[],
  deadLetters: number,
): void {
  const table = new Table({
    head: ['task', 'state', 'attempts', 'result or error'],
    colWidths: [22, 10, 10, 64],
    wordWrap: true,
    style: { head: [] },
  });
  tasks.forEach((task, row) => {
    const record = records[row];
    if (!record) return;
    const { state, attempts, result, error } = record;
    const told =
      error && state === 'FAILURE' ? `${error.type}: ${error.message}` : shorten(JSON.stringify(result));
    table.push([task.name, state, `${attempts} of ${record.max_attempts}`, told]);
  });
  console.log(`\n${table.toString()}`);
  console.log(`Dead letters waiting for a decision: ${deadLetters}`);
}

function shorten(text: string): string {
  return text.length > 180 ? `${text.slice(0, 180)}…` : text;
}
