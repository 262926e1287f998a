import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ProvisionedTable } from './provision/create-tables.ts';
import { sweepExpired } from './provision/sweep-expired.ts';

/** Deletes expired items now and then. */
export interface Sweeper {
  /** Sweeps now, after a sweep that may be under way. Never rejects: a fault goes to the log. */
  sweep(): Promise<void>;
  /** Ends the timer; resolves when no sweep is under way. */
  stop(): Promise<void>;
}

/** Real time between two sweeps. */
const EVERY_MS = 60_000;

/** Starts to sweep the tables' expired items, once a minute and whenever asked. */
export function runSweeper(options: {
  client: DynamoDBClient;
  tables: readonly ProvisionedTable[];
  now: () => number;
  log: (line: string) => void;
}): Sweeper {
  const { client, tables, now, log } = options;
  let last = Promise.resolve();
  const sweep = () => {
    last = last
      .then(() => sweepExpired(client, tables, now()))
      .then((count) => {
        if (count > 0) log(`${count} expired items deleted`);
      })
      .catch((error: unknown) => log(`sweeping expired items failed: ${String(error)}`));
    return last;
  };
  const timer = setInterval(() => void sweep(), EVERY_MS);
  return {
    sweep,
    stop: () => {
      clearInterval(timer);
      return last;
    },
  };
}
