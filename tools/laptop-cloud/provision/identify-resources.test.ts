import { describe, expect, it } from 'vitest';
import type { Assembly, Resource } from '../assembly/read-assembly.ts';
import { identifyResources } from './identify-resources.ts';
import { physicalName } from './physical-names.ts';

const endpoints = { queues: 'http://127.0.0.1:9' };
const of = (type: string, logicalId = 'It', stack = 'app') => ({ type, logicalId, stack });

function assemblyOf(...resources: Omit<Resource, 'stack'>[]): Assembly {
  const stack = { name: 'app', parameters: {}, mappings: {}, conditions: {}, outputs: {}, assets: [] };
  return { outDir: '/out', stacks: [stack], resources: resources.map((it) => ({ stack: 'app', ...it })) };
}

describe('physical names', () => {
  it.each([
    ['the template’s own', of('AWS::SQS::Queue'), 'work', 'work'],
    ['made of stack and logical id', of('AWS::SQS::Queue'), undefined, 'app-It'],
    ['in lower case for a bucket', of('AWS::S3::Bucket', 'Payloads1A'), undefined, 'app-payloads1a'],
  ])('are %s', (_name, resource, given, expected) => {
    expect(physicalName(resource, given)).toBe(expected);
  });

  it('are cut to the limit of the type, and differ where the whole differs', () => {
    const [one, two] = ['1', '2'].map((end) =>
      physicalName(of('AWS::Lambda::Function', `${'Long'.repeat(20)}${end}`), undefined),
    );
    expect(one).toHaveLength(64);
    expect(one).toMatch(/^app-LongLong.*-[0-9a-f]{8}$/);
    expect(one).not.toBe(two);
  });
});

describe('identifying resources', () => {
  it('gives a name that is made of another’s, whatever their order', () => {
    const identified = identifyResources(
      assemblyOf(
        {
          logicalId: 'Logs',
          type: 'AWS::Logs::LogGroup',
          properties: { LogGroupName: { 'Fn::Join': ['', ['/x/', { Ref: 'Fn' }]] } },
        },
        {
          logicalId: 'Fn',
          type: 'AWS::Lambda::Function',
          properties: { FunctionName: { 'Fn::Join': ['', ['f-', { Ref: 'AWS::Region' }]] } },
        },
      ),
      endpoints,
    );
    expect(identified.resources('AWS::Logs::LogGroup')[0]?.name).toBe('/x/f-us-east-1');
  });

  it('refuses names that are made of each other', () => {
    const named = (logicalId: string, other: string) => ({
      logicalId,
      type: 'AWS::SQS::Queue',
      properties: { QueueName: { 'Fn::GetAtt': [other, 'QueueName'] } },
    });
    expect(() => identifyResources(assemblyOf(named('A', 'B'), named('B', 'A')), endpoints)).toThrow(
      /^app\/A Properties\.QueueName.*B\.QueueName \(AWS::SQS::Queue\) has no value/,
    );
  });

  it('knows what only provisioning tells once it is told', () => {
    const identified = identifyResources(
      assemblyOf(
        { logicalId: 'Table', type: 'AWS::DynamoDB::Table', properties: {} },
        {
          logicalId: 'Map',
          type: 'AWS::Lambda::EventSourceMapping',
          properties: { EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] } },
        },
      ),
      endpoints,
    );
    expect(() => identified.resources('AWS::Lambda::EventSourceMapping')).toThrow(/Table\.StreamArn/);
    identified.setAttributes('app', 'Table', { StreamArn: 'arn:stream' });
    expect(identified.resources('AWS::Lambda::EventSourceMapping')[0]?.properties).toEqual({
      EventSourceArn: 'arn:stream',
    });
  });
});
