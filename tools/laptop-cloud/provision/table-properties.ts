import type { CreateTableCommandInput, KeySchemaElement } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { ResolvedResource } from './identify-resources.ts';
import { readProperties, unread } from './read-properties.ts';

const Keys = z
  .array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
  .min(1);

const Index = z.strictObject({
  IndexName: z.string(),
  KeySchema: Keys,
  Projection: z.strictObject({
    ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
  ProvisionedThroughput: unread,
  OnDemandThroughput: unread,
  WarmThroughput: unread,
  WriteProvisionedThroughputSettings: unread,
  WriteOnDemandThroughputSettings: unread,
  ContributorInsightsSpecification: unread,
});

/** Source: AWS CloudFormation Template Reference, AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable. */
const TableProperties = z.strictObject({
  TableName: z.string().optional(),
  KeySchema: Keys,
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  GlobalSecondaryIndexes: z.array(Index).optional(),
  LocalSecondaryIndexes: z.array(Index).optional(),
  TimeToLiveSpecification: z
    .strictObject({ AttributeName: z.string().optional(), Enabled: z.boolean() })
    .optional(),
  StreamSpecification: z
    .strictObject({
      StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']),
      ResourcePolicy: unread,
    })
    .optional(),
  BillingMode: unread,
  ContributorInsightsSpecification: unread,
  DeletionProtectionEnabled: unread,
  OnDemandThroughput: unread,
  PointInTimeRecoverySpecification: unread,
  ProvisionedThroughput: unread,
  Replicas: unread,
  ResourcePolicy: unread,
  SSESpecification: unread,
  TableClass: unread,
  Tags: unread,
  WarmThroughput: unread,
  WriteOnDemandThroughputSettings: unread,
  WriteProvisionedThroughputSettings: unread,
});

/** A secondary index as the API takes it. */
export interface TableIndex {
  IndexName: string;
  KeySchema: KeySchemaElement[];
  Projection: { ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; NonKeyAttributes?: string[] };
}

/** What the laptop makes of a table's properties: capacity, backups, encryption and replicas left out. */
export interface TableDefinition {
  name: string;
  create: CreateTableCommandInput & { KeySchema: KeySchemaElement[] };
  indexes: TableIndex[];
  /** The attribute holding the expiry in seconds since the epoch, if items expire. */
  ttlAttribute: string | undefined;
}

/**
 * Reads a table's properties.
 * @throws Error for a property that the laptop does not know
 */
export function readTable(table: ResolvedResource): TableDefinition {
  const properties = readProperties(table, TableProperties, 'provision/table-properties.ts');
  const indexes = (properties.GlobalSecondaryIndexes ?? []).map(toIndex);
  const local = (properties.LocalSecondaryIndexes ?? []).map(toIndex);
  const stream = properties.StreamSpecification;
  const ttl = properties.TimeToLiveSpecification;
  return {
    name: table.name,
    indexes,
    ttlAttribute: ttl?.Enabled === true ? ttl.AttributeName : undefined,
    create: {
      TableName: table.name,
      KeySchema: properties.KeySchema,
      AttributeDefinitions: properties.AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
      ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
      ...(local.length > 0 && { LocalSecondaryIndexes: local }),
      ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.StreamViewType } }),
    },
  };
}

function toIndex({ IndexName, KeySchema, Projection }: z.output<typeof Index>): TableIndex {
  const { ProjectionType, NonKeyAttributes } = Projection;
  return {
    IndexName,
    KeySchema,
    Projection: { ProjectionType, ...(NonKeyAttributes && { NonKeyAttributes }) },
  };
}
