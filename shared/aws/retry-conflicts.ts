import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { cancellationReasons } from './refused-write.ts';

/** What a retry takes of the world. */
export interface RetryMeans {
  pause(ms: number): Promise<unknown>;
  /** A number in [0, 1). */
  random(): number;
  /** A ClientRequestToken that nobody has used, of at most 36 characters. */
  newToken(): string;
}

/** Real time and real chance. */
export const realMeans: RetryMeans = {
  pause: (ms) => setTimeout(ms),
  random: Math.random,
  newToken: randomUUID,
};

/** Tries of a write that keeps meeting others, the first included. */
export const mostConflicts = 6;

const firstPause = 50;

/** The SDK retries none of these by itself within a cancelled transaction. */
const passingReasons = new Set<string | undefined>([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

/**
 * Sends a write again that only met another one under way: a transaction, or any write of an item that a transaction is
 * writing or checking. The pauses are 50, 100, 200, 400 and 800 ms, each shortened by up to its half by chance, so that
 * those who met do not meet again. Throws the sixth such error, and every other one at once.
 * Source: Amazon DynamoDB, "Transaction conflict handling" and TransactionInProgressException.
 */
export async function retryConflicts<Answer>(
  send: () => Promise<Answer>,
  { pause, random }: RetryMeans = realMeans,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      if (tries === mostConflicts || !isPassing(error)) throw error;
    }
    await pause(firstPause * 2 ** (tries - 1) * (1 - random() / 2));
  }
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'TransactionConflictException' || error.name === 'TransactionInProgressException')
    return true;
  return cancellationReasons(error).some(({ Code }) => passingReasons.has(Code));
}
