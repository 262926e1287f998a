import type { Resource } from './read-assembly.ts';

/** Resource types that something in the laptop cloud runs, with the folder that does. */
export const RUN_TYPES = {
  'AWS::SQS::Queue': 'provision',
  'AWS::S3::Bucket': 'provision',
  'AWS::DynamoDB::Table': 'provision',
  'AWS::DynamoDB::GlobalTable': 'provision',
  'AWS::Lambda::Function': 'functions',
  'AWS::Lambda::EventSourceMapping': 'mappings',
  'AWS::Events::Rule': 'rules',
  'AWS::Lambda::EventInvokeConfig': 'rules',
  'AWS::ApiGatewayV2::Api': 'gateway',
  'AWS::ApiGatewayV2::Route': 'gateway',
  'AWS::ApiGatewayV2::Integration': 'gateway',
  'AWS::ApiGatewayV2::Stage': 'gateway',
  'AWS::SNS::Topic': 'provision',
  'AWS::SNS::Subscription': 'provision',
  'AWS::CloudWatch::Alarm': 'alarms',
  'AWS::CloudWatch::CompositeAlarm': 'alarms',
  'AWS::IAM::Role': 'permissions',
  'AWS::IAM::Policy': 'permissions',
  'AWS::IAM::ManagedPolicy': 'permissions',
  'AWS::Lambda::Permission': 'permissions',
} as const satisfies Record<string, string>;

/** Resource types with nothing to run on a laptop, each with the reason. */
export const PASSIVE_TYPES: Readonly<Record<string, string>> = {
  'AWS::SQS::QueuePolicy':
    'calls are judged by roles only: what policies deny here is what comes without TLS',
  'AWS::S3::BucketPolicy':
    'calls are judged by roles only: what policies deny here is what comes without TLS',
  'AWS::SNS::TopicPolicy': 'only alarms publish to topics on a laptop, and they may',
  'AWS::KMS::Key': 'nothing is encrypted at rest on a laptop',
  'AWS::KMS::Alias': 'nothing is encrypted at rest on a laptop',
  'AWS::Logs::LogGroup': 'function output goes to the terminal',
  'AWS::Logs::MetricFilter': 'log lines are not looked through: metrics come from the embedded format only',
  'AWS::Logs::QueryDefinition': 'a saved query of the console',
  'AWS::CloudWatch::Dashboard': 'a page of the console',
  'AWS::Budgets::Budget': 'a laptop costs nothing',
  'AWS::CDK::Metadata': 'describes the synthesis',
};

/**
 * Refuses an assembly with a resource type that the laptop cloud does not know: running the rest would look
 * like running all of it.
 * @throws Error with one line for each such resource
 */
export function refuseUnknownTypes(resources: readonly Resource[]): void {
  const lines = resources
    .filter(({ type }) => !(type in RUN_TYPES) && !(type in PASSIVE_TYPES))
    .map(
      ({ type, stack, logicalId }) =>
        `${type} (${stack}/${logicalId}) is not known to the laptop cloud: add it to tools/laptop-cloud/assembly/known-types.ts and to the part that runs it`,
    );
  if (lines.length > 0) throw new Error(lines.join('\n'));
}
