import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { attentionIndex, timelineIndex } from '#shared/aws/table-schema.ts';
import type { StageSettings } from '../stages.ts';
import { keyValueTable } from './key-value-table.ts';

/** The table of task records, with its two indexes; each grant tells the function which table it is. */
export class PipelineTable extends Construct {
  readonly table: dynamodb.Table;

  constructor(scope: Construct, id: string, props: { readonly stage: StageSettings }) {
    super(scope, id);
    this.table = keyValueTable(this, 'Table', props.stage);
    this.table.addGlobalSecondaryIndex({
      indexName: timelineIndex.name,
      partitionKey: { name: timelineIndex.partition, type: dynamodb.AttributeType.STRING },
      sortKey: { name: timelineIndex.sort, type: dynamodb.AttributeType.STRING },
      projectionType: dynamodb.ProjectionType.KEYS_ONLY,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: attentionIndex.name,
      partitionKey: { name: attentionIndex.partition, type: dynamodb.AttributeType.STRING },
      sortKey: { name: attentionIndex.sort, type: dynamodb.AttributeType.NUMBER },
      projectionType: dynamodb.ProjectionType.KEYS_ONLY,
    });
  }

  /** Creating records, and looking at what is there instead: the one that has the id, or the holder of a unique lock. */
  grantCreate(fn: lambda.Function): void {
    this.#allow(fn, ['dynamodb:GetItem', 'dynamodb:PutItem'], this.table.tableArn);
  }

  /** Creating, reading and changing single records. */
  grantReadWrite(fn: lambda.Function): void {
    this.#allow(fn, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], this.table.tableArn);
  }

  /** Recording the steps of running tasks, which checks the record in the same transaction, and reading them. */
  grantSteps(fn: lambda.Function): void {
    this.#allow(fn, ['dynamodb:ConditionCheckItem', 'dynamodb:Query'], this.table.tableArn);
  }

  /** Listing a tenant's tasks, newest first. */
  grantList(fn: lambda.Function): void {
    this.#allow(fn, ['dynamodb:Query'], this.#indexArn(timelineIndex.name));
    this.#allow(fn, ['dynamodb:BatchGetItem'], this.table.tableArn);
  }

  /** Finding the tasks that have not ended, and those that have failed. */
  grantAttention(fn: lambda.Function): void {
    this.#allow(fn, ['dynamodb:Query'], this.#indexArn(attentionIndex.name));
  }

  /** Finding the tasks that are due, and moving them on. */
  grantReconcile(fn: lambda.Function): void {
    this.grantAttention(fn);
    this.#allow(fn, ['dynamodb:GetItem', 'dynamodb:UpdateItem'], this.table.tableArn);
  }

  #allow(fn: lambda.Function, actions: string[], resource: string): void {
    fn.addEnvironment('PIPELINE_TABLE_NAME', this.table.tableName);
    fn.addToRolePolicy(new iam.PolicyStatement({ actions, resources: [resource] }));
  }

  #indexArn(name: string): string {
    return `${this.table.tableArn}/index/${name}`;
  }
}
