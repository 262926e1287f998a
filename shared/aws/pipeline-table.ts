import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The pipeline table and the way to it. */
export interface PipelineTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}
