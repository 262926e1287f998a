import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { PipelineTable } from './pipeline-table.ts';
import { cancellationReasons } from './refused-write.ts';
import { realMeans, retryConflicts } from './retry-conflicts.ts';

/** The writes and checks of one transaction. */
export type TransactionActions = NonNullable<TransactWriteCommandInput['TransactItems']>;

/**
 * Commits all actions or none; conflicts are retried. The token makes a repetition after a lost reply succeed without
 * writing twice, for 10 minutes. A cancelled transaction has written nothing, so what follows it is a new one with a
 * token of its own: nothing promises that DynamoDB forgets the old token's outcome. Throws TransactionCanceledException,
 * see {@link cancellationReasons}, and whatever else DynamoDB answers.
 */
export async function sendTransaction(
  { client, means = realMeans }: PipelineTable,
  actions: TransactionActions,
): Promise<void> {
  let token = means.newToken();
  await retryConflicts(async () => {
    try {
      await client.send(new TransactWriteCommand({ TransactItems: actions, ClientRequestToken: token }));
    } catch (error) {
      if (cancellationReasons(error).length > 0) token = means.newToken();
      throw error;
    }
  }, means);
}
