import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { tableKey, ttlAttribute } from '#shared/aws/table-schema.ts';
import type { StageSettings } from '../stages.ts';

/**
 * A table as both of ours are: two strings as key, paid by request, restorable to any second of the last 35
 * days, items that expire. DynamoDB encrypts every table, without being told, under a key that costs nothing.
 */
export function keyValueTable(scope: Construct, id: string, stage: StageSettings): dynamodb.Table {
  return new dynamodb.Table(scope, id, {
    partitionKey: { name: tableKey.partition, type: dynamodb.AttributeType.STRING },
    sortKey: { name: tableKey.sort, type: dynamodb.AttributeType.STRING },
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveAttribute: ttlAttribute,
    deletionProtection: stage.keepsData,
    removalPolicy: stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
