import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { RetryMeans } from './retry-conflicts.ts';

/** The pipeline table and the way to it. */
export interface PipelineTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /** @default real time and chance */
  readonly means?: RetryMeans;
}
