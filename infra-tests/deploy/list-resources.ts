import { type AwsCall, callAws } from './call-aws.ts';
import type { EmulatedAccount } from './emulated-account.ts';

/** Every kind of thing that a stage leaves in an account: how it is listed, and by what its members are named. */
const listings: readonly { readonly call: AwsCall; readonly list: string; readonly name: string | null }[] = [
  { call: ['cloudformation', 'describe_stacks', {}], list: 'Stacks', name: 'StackName' },
  { call: ['dynamodb', 'list_tables', {}], list: 'TableNames', name: null },
  { call: ['s3', 'list_buckets', {}], list: 'Buckets', name: 'Name' },
  { call: ['sqs', 'list_queues', {}], list: 'QueueUrls', name: null },
  { call: ['lambda', 'list_functions', {}], list: 'Functions', name: 'FunctionName' },
  { call: ['lambda', 'list_event_source_mappings', {}], list: 'EventSourceMappings', name: 'FunctionArn' },
  { call: ['iam', 'list_roles', {}], list: 'Roles', name: 'RoleName' },
  { call: ['events', 'list_rules', {}], list: 'Rules', name: 'Name' },
  { call: ['logs', 'describe_log_groups', {}], list: 'logGroups', name: 'logGroupName' },
  { call: ['cloudwatch', 'describe_alarms', {}], list: 'MetricAlarms', name: 'AlarmName' },
  { call: ['apigatewayv2', 'get_apis', {}], list: 'Items', name: 'Name' },
  { call: ['sns', 'list_topics', {}], list: 'Topics', name: 'TopicArn' },
];

/**
 * What there is in the account under a name that has `part` in it, whatever the case, by kind (`dynamodb list_tables`);
 * kinds of which there is nothing are left out.
 */
export async function listResources(
  account: EmulatedAccount,
  part: string,
): Promise<Record<string, readonly string[]>> {
  const answers = await callAws(
    account,
    listings.map(({ call }) => call),
  );
  const found = listings.map(({ call: [service, operation], list, name }, index) => {
    const members = (answers[index]?.[list] ?? []) as readonly (string | Record<string, unknown>)[];
    const names = members.map((member) => String(typeof member === 'string' ? member : member[name ?? '']));
    const matching = names.filter((each) => each.toLowerCase().includes(part.toLowerCase()));
    return [`${service} ${operation}`, matching] as const;
  });
  return Object.fromEntries(found.filter(([, names]) => names.length > 0));
}
