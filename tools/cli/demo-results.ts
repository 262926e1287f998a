import Table from 'cli-table3';
import * as z from 'zod';
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
    style: { head: [], border: [] },
  });
  tasks.forEach((task, row) => {
    const record = records[row];
    if (!record) return;
    const { state, attempts, max_attempts, epoch } = record;
    const life = epoch > 1 ? `, epoch ${epoch}` : '';
    table.push([task.name, state, `${attempts} of ${max_attempts}${life}`, endOf(record)]);
  });
  console.log(`\n${table.toString()}`);
  console.log(`Dead letters waiting for a decision: ${deadLetters}`);
}

const enrichment = z.object({ formatted_address: z.string().nullable(), elevation: z.number().nullable() });

function endOf({ state, error, status, result }: WatchedRecord): string {
  if (state === 'FAILURE') return `${error?.type}: ${error?.message}`;
  return state === 'CANCELLED' ? `stopped at: ${status ?? 'its beginning'}` : wordsFor(result);
}

const raster = z.object({ width: z.number(), height: z.number(), bands: z.number(), crs: z.string() });

function wordsFor(result: unknown): string {
  const enriched = enrichment.safeParse(result).data;
  if (enriched) return `${enriched.formatted_address}, ${enriched.elevation} m`;
  const made = raster.safeParse(result).data;
  if (made)
    return `Cloud-Optimized GeoTIFF, ${made.width} × ${made.height}, ${made.bands} bands, ${made.crs}`;
  return JSON.stringify(result);
}
