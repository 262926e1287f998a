import { LAPTOP_ACCOUNT, LAPTOP_REGION } from '../assembly/laptop-account.ts';
import type { Resource } from '../assembly/read-assembly.ts';
import { queueUrl } from './aws-clients.ts';
import { physicalUuid, shortHash } from './physical-names.ts';

/** What a template can ask of a resource: `Ref`, and `Fn::GetAtt` by attribute. */
export interface PhysicalValue {
  ref: string;
  attributes: Record<string, string>;
}

/** Addresses that some values are made of, without a path: `http://127.0.0.1:PORT`. */
export interface Endpoints {
  queues: string;
  /** The HTTP gateway; `ApiEndpoint` has no value without it. */
  api?: string;
}

/**
 * The values of a resource of any known type, made of its type, ids and name.
 * Source: AWS CloudFormation Template Reference, "Return values" of each type.
 */
export function physicalValue(
  resource: Pick<Resource, 'stack' | 'logicalId' | 'type'>,
  name: string,
  endpoints: Endpoints,
): PhysicalValue {
  const arn = (service: string, what: string) =>
    `arn:aws:${service}:${LAPTOP_REGION}:${LAPTOP_ACCOUNT}:${what}`;
  const id = shortHash(`${resource.stack}/${resource.logicalId}`);

  switch (resource.type) {
    case 'AWS::SQS::Queue': {
      const url = queueUrl(endpoints.queues, name);
      return { ref: url, attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: url } };
    }
    case 'AWS::S3::Bucket':
      return {
        ref: name,
        attributes: {
          Arn: `arn:aws:s3:::${name}`,
          DomainName: `${name}.s3.amazonaws.com`,
          RegionalDomainName: `${name}.s3.${LAPTOP_REGION}.amazonaws.com`,
        },
      };
    case 'AWS::DynamoDB::Table':
    case 'AWS::DynamoDB::GlobalTable':
      return { ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } };
    case 'AWS::Lambda::Function':
      return { ref: name, attributes: { Arn: arn('lambda', `function:${name}`) } };
    case 'AWS::Lambda::EventSourceMapping':
      return mappingValue(physicalUuid(resource), arn);
    case 'AWS::Events::Rule':
      return { ref: name, attributes: { Arn: arn('events', `rule/${name}`) } };
    case 'AWS::ApiGatewayV2::Api': {
      const { api } = endpoints;
      return { ref: id, attributes: { ApiId: id, ...(api !== undefined && { ApiEndpoint: api }) } };
    }
    case 'AWS::ApiGatewayV2::Stage':
      return { ref: name, attributes: {} };
    case 'AWS::ApiGatewayV2::Route':
      return { ref: id, attributes: { RouteId: id } };
    case 'AWS::ApiGatewayV2::Integration':
      return { ref: id, attributes: { IntegrationId: id } };
    case 'AWS::IAM::Role':
      return { ref: name, attributes: { Arn: iamArn(`role/${name}`), RoleId: id } };
    case 'AWS::IAM::ManagedPolicy':
      return { ref: iamArn(`policy/${name}`), attributes: { PolicyArn: iamArn(`policy/${name}`) } };
    case 'AWS::SNS::Topic':
      return { ref: arn('sns', name), attributes: { TopicArn: arn('sns', name), TopicName: name } };
    case 'AWS::KMS::Key':
      return { ref: id, attributes: { Arn: arn('kms', `key/${id}`), KeyId: id } };
    case 'AWS::Logs::LogGroup':
      return { ref: name, attributes: { Arn: arn('logs', `log-group:${name}:*`) } };
    case 'AWS::CloudWatch::Alarm':
    case 'AWS::CloudWatch::CompositeAlarm':
      return { ref: name, attributes: { Arn: arn('cloudwatch', `alarm:${name}`) } };
    default:
      return { ref: name, attributes: {} };
  }
}

function mappingValue(uuid: string, arn: (service: string, what: string) => string): PhysicalValue {
  const mappingArn = arn('lambda', `event-source-mapping:${uuid}`);
  return { ref: uuid, attributes: { Id: uuid, EventSourceMappingArn: mappingArn } };
}

function iamArn(what: string): string {
  return `arn:aws:iam::${LAPTOP_ACCOUNT}:${what}`;
}
