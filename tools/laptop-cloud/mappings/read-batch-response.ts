import * as z from 'zod';

/** What a function's answer to a batch means for the batch's messages. */
export type BatchOutcome =
  | { kind: 'succeeded' }
  | { kind: 'partial'; failedIds: ReadonlySet<string> }
  | { kind: 'failed'; reason: string };

const BatchResponse = z.looseObject({
  batchItemFailures: z.array(z.looseObject({ itemIdentifier: z.string().min(1) })).nullish(),
});

/**
 * Reads the response of a function whose mapping has ReportBatchItemFailures, as Lambda does: nothing, null or
 * an empty list is a complete success; an identifier that is missing, empty or no message of the batch, or a
 * response of another shape, fails the whole batch.
 * Source: "Handling errors for an SQS event source in Lambda", success and failure conditions.
 * @param payload what the function returned
 * @param messageIds the ids of the batch
 */
export function readBatchResponse(payload: unknown, messageIds: readonly string[]): BatchOutcome {
  if (payload === null || payload === undefined) return { kind: 'succeeded' };

  const response = BatchResponse.safeParse(payload);
  if (!response.success) {
    return { kind: 'failed', reason: `malformed batch response: ${z.prettifyError(response.error)}` };
  }
  const failedIds = new Set(response.data.batchItemFailures?.map((failure) => failure.itemIdentifier));
  if (failedIds.size === 0) return { kind: 'succeeded' };

  const known = new Set(messageIds);
  const unknown = [...failedIds].filter((id) => !known.has(id));
  if (unknown.length > 0) {
    return {
      kind: 'failed',
      reason: `batchItemFailures names ids that are not in the batch: ${unknown.join(', ')}`,
    };
  }
  return { kind: 'partial', failedIds };
}
