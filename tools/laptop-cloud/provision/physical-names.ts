import { createHash } from 'node:crypto';
import type { Resource } from '../assembly/read-assembly.ts';

/** The property that names a resource of a type, and how long a name may be; others take the default. */
const NAMING: Readonly<Record<string, { property?: string; limit: number; lowerCase?: true }>> = {
  'AWS::SQS::Queue': { property: 'QueueName', limit: 80 },
  'AWS::S3::Bucket': { property: 'BucketName', limit: 63, lowerCase: true },
  'AWS::DynamoDB::Table': { property: 'TableName', limit: 255 },
  'AWS::DynamoDB::GlobalTable': { property: 'TableName', limit: 255 },
  'AWS::Lambda::Function': { property: 'FunctionName', limit: 64 },
  'AWS::Events::Rule': { property: 'Name', limit: 64 },
  'AWS::ApiGatewayV2::Stage': { property: 'StageName', limit: 128 },
  'AWS::IAM::Role': { property: 'RoleName', limit: 64 },
  'AWS::IAM::Policy': { property: 'PolicyName', limit: 128 },
  'AWS::IAM::ManagedPolicy': { property: 'ManagedPolicyName', limit: 128 },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', limit: 512 },
  'AWS::SNS::Topic': { property: 'TopicName', limit: 256 },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', limit: 255 },
  'AWS::CloudWatch::CompositeAlarm': { property: 'AlarmName', limit: 255 },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', limit: 255 },
};

const DEFAULT_LIMIT = 64;

/** The template property that may name a resource of this type; undefined when the type takes no name. */
export function namingProperty(type: string): string | undefined {
  return NAMING[type]?.property;
}

/**
 * The physical name of a resource: the template's own, else one made of stack and logical id, the same at
 * each start so that kept data are found again. A made name that is too long ends in a hash of the whole.
 * @param given the naming property, resolved
 */
export function physicalName(
  resource: Pick<Resource, 'stack' | 'logicalId' | 'type'>,
  given: unknown,
): string {
  if (typeof given === 'string' && given !== '') return given;
  const { limit = DEFAULT_LIMIT, lowerCase } = NAMING[resource.type] ?? {};
  const whole = `${resource.stack}-${resource.logicalId}`;
  const name = lowerCase ? whole.toLowerCase() : whole;
  return name.length <= limit ? name : `${name.slice(0, limit - 9)}-${shortHash(whole)}`;
}

/** A UUID that is the same at each start, for a resource that AWS identifies by one. */
export function physicalUuid({ stack, logicalId }: Pick<Resource, 'stack' | 'logicalId'>): string {
  const hash = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex');
  return hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

/** Eight hexadecimal digits that stand for a text. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
