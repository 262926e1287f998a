import { Aws } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';

/** The address of a page of AWS's console in the stack's region. */
function page(service: string, fragment: string): string {
  return `https://${Aws.REGION}.console.aws.amazon.com/${service}/home?region=${Aws.REGION}#${fragment}`;
}

/** The page of a queue, where messages can be looked at. */
export function queuePage({ queueName }: sqs.IQueue): string {
  // The console names a queue by its address, with colons and slashes encoded.
  const address = `https%3A%2F%2Fsqs.${Aws.REGION}.${Aws.URL_SUFFIX}%2F${Aws.ACCOUNT_ID}%2F${queueName}`;
  return page('sqs/v3', `/queues/${address}`);
}

/** The page of a log group, where its newest lines are. The names that CloudFormation makes need no encoding. */
export function logPage({ logGroupName }: logs.ILogGroup): string {
  return page('cloudwatch', `logsV2:log-groups/log-group/${logGroupName}`);
}

/** The page of a rule, where it can be switched on and off. */
export function rulePage({ ruleName }: events.IRule): string {
  return page('events', `/eventbus/default/rules/${ruleName}`);
}

/** The page of all rules. */
export function rulesPage(): string {
  return page('events', '/rules');
}

/** The page of all functions, where the concurrency that is left can be seen. */
export function functionsPage(): string {
  return page('lambda', '/functions');
}

/** The page of a table's measurements. */
export function tablePage({ tableName }: dynamodb.Table): string {
  return page('dynamodbv2', `table?name=${tableName}&tab=monitoring`);
}

/** The page of a dashboard. */
export function dashboardPage(dashboardName: string): string {
  return page('cloudwatch', `dashboards/dashboard/${dashboardName}`);
}
