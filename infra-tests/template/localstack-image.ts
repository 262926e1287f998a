/** What LocalStack's CloudFormation does with a resource type. */
export interface EmulatedType {
  /** Properties that it hands to the service it plays. */
  readonly takes: readonly string[];
  /** Properties that it reads and forgets when it creates the resource: harmless, but without effect. */
  readonly forgets?: readonly string[];
}

/**
 * What the image localstack/localstack:4.14.0 makes of the resource types that we use, read from the `create` of its resource
 * providers: github.com/localstack/localstack, localstack-core/localstack/services/<service>/resource_providers.
 * Types without a provider there (AWS::ApiGatewayV2::*, AWS::CloudWatch::Dashboard, AWS::IAM::OIDCProvider, AWS::CodeDeploy::*)
 * are left out, so that a template that has one fails.
 */
export const localstackImage: Readonly<Record<string, EmulatedType>> = {
  'AWS::CloudWatch::Alarm': {
    takes: [
      ...['ActionsEnabled', 'AlarmActions', 'AlarmDescription', 'AlarmName', 'ComparisonOperator'],
      ...['DatapointsToAlarm', 'Dimensions', 'EvaluateLowSampleCountPercentile', 'EvaluationPeriods'],
      ...['ExtendedStatistic', 'InsufficientDataActions', 'MetricName', 'Metrics', 'Namespace', 'OKActions'],
      ...['Period', 'Statistic', 'Threshold', 'TreatMissingData', 'Unit'],
    ],
  },
  'AWS::CloudWatch::CompositeAlarm': {
    takes: [
      'ActionsEnabled',
      'AlarmActions',
      'AlarmDescription',
      'AlarmName',
      'AlarmRule',
      'InsufficientDataActions',
      'OKActions',
    ],
  },
  'AWS::DynamoDB::Table': {
    takes: [
      ...['AttributeDefinitions', 'BillingMode', 'GlobalSecondaryIndexes', 'KeySchema'],
      'TimeToLiveSpecification',
    ],
    forgets: ['DeletionProtectionEnabled', 'PointInTimeRecoverySpecification'],
  },
  'AWS::Events::Rule': { takes: ['Description', 'Name', 'ScheduleExpression', 'State', 'Targets'] },
  'AWS::IAM::Policy': { takes: ['PolicyDocument', 'PolicyName', 'Roles'] },
  'AWS::IAM::Role': { takes: ['AssumeRolePolicyDocument', 'Description', 'PermissionsBoundary', 'RoleName'] },
  'AWS::KMS::Key': {
    takes: ['Description', 'EnableKeyRotation', 'Enabled', 'KeyPolicy', 'KeySpec', 'KeyUsage'],
    forgets: ['PendingWindowInDays'],
  },
  'AWS::Lambda::EventInvokeConfig': {
    takes: [
      ...[
        'DestinationConfig',
        'FunctionName',
        'MaximumEventAgeInSeconds',
        'MaximumRetryAttempts',
        'Qualifier',
      ],
    ],
  },
  'AWS::Lambda::EventSourceMapping': {
    takes: ['BatchSize', 'EventSourceArn', 'FunctionName', 'FunctionResponseTypes', 'ScalingConfig'],
  },
  'AWS::Lambda::Function': {
    takes: [
      ...['Architectures', 'Code', 'Description', 'Environment', 'Handler', 'LoggingConfig', 'MemorySize'],
      ...['Role', 'Runtime', 'Timeout'],
    ],
    forgets: ['EphemeralStorage', 'RecursiveLoop'],
  },
  'AWS::Lambda::Permission': { takes: ['Action', 'FunctionName', 'Principal', 'SourceArn'] },
  'AWS::Lambda::Url': { takes: ['AuthType', 'TargetFunctionArn'] },
  'AWS::Logs::LogGroup': { takes: [], forgets: ['RetentionInDays'] },
  'AWS::S3::Bucket': {
    takes: [],
    forgets: ['BucketEncryption', 'LifecycleConfiguration', 'PublicAccessBlockConfiguration'],
  },
  'AWS::S3::BucketPolicy': { takes: ['Bucket', 'PolicyDocument'] },
  'AWS::SNS::Subscription': { takes: ['Endpoint', 'Protocol', 'TopicArn'] },
  'AWS::SNS::Topic': { takes: ['DisplayName', 'KmsMasterKeyId', 'TopicName'] },
  'AWS::SNS::TopicPolicy': { takes: ['PolicyDocument', 'Topics'] },
  'AWS::SQS::Queue': {
    takes: ['MessageRetentionPeriod', 'RedrivePolicy', 'SqsManagedSseEnabled', 'VisibilityTimeout'],
  },
  'AWS::SQS::QueuePolicy': { takes: ['PolicyDocument', 'Queues'] },
};
