// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders
import { describe, expect, it } from 'vitest';
import type { Assembly, Stack } from './read-assembly.ts';
import { createResolver } from './resolve-intrinsics.ts';

const stack = (name: string, more: Partial<Stack> = {}): Stack => ({
  name,
  parameters: {},
  mappings: {},
  conditions: {},
  outputs: {},
  assets: [],
  ...more,
});

const assembly: Assembly = {
  outDir: '/out',
  stacks: [
    stack('data', {
      outputs: {
        Queue: { value: { 'Fn::GetAtt': ['Queue', 'Arn'] }, exportName: 'data:Queue' },
        Own: { value: 'not exported' },
        Named: { value: 'x', exportName: { 'Fn::Sub': '${AWS::StackName}:Named' } },
      },
    }),
    stack('app', {
      parameters: {
        BootstrapVersion: {
          type: 'AWS::SSM::Parameter::Value<String>',
          default: '/cdk-bootstrap/hnb659fds/version',
        },
        Secret: { type: 'AWS::SSM::Parameter::Value<String>', default: '/app/secret' },
        Size: { type: 'Number', default: 5 },
        Empty: { type: 'String', default: '' },
        Must: { type: 'String' },
      },
      mappings: { Zones: { 'us-east-1': { name: 'virginia' } } },
      conditions: { Yes: true, No: false },
    }),
  ],
  resources: [
    { stack: 'data', logicalId: 'Queue', type: 'AWS::SQS::Queue', properties: {} },
    { stack: 'app', logicalId: 'Fn', type: 'AWS::Lambda::Function', properties: {} },
    { stack: 'app', logicalId: 'Late', type: 'AWS::S3::Bucket', properties: {} },
  ],
};

const table: Record<string, unknown> = {
  'data/Queue.Arn': 'arn:queue',
  'app/Fn': 'fn',
  'app/Fn.Arn': 'arn:fn',
};
const resolver = createResolver(
  assembly,
  (of, logicalId, attribute) =>
    table[attribute === undefined ? `${of}/${logicalId}` : `${of}/${logicalId}.${attribute}`],
  { ssm: { '/app/secret': 'hush' } },
);
const resolve = (value: unknown) => resolver.value('app', value, 'app/Fn Properties.X');

describe('resolving', () => {
  it.each([
    ['plain values', { a: [1, 'b', null, true] }, { a: [1, 'b', null, true] }],
    ['Ref of a resource', { Ref: 'Fn' }, 'fn'],
    ['Ref of a pseudo-parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['the account', { Ref: 'AWS::AccountId' }, '000000000000'],
    ['partition and suffix', { 'Fn::Sub': '${AWS::Partition} ${AWS::URLSuffix}' }, 'aws amazonaws.com'],
    ['the stack', { Ref: 'AWS::StackName' }, 'app'],
    ['a parameter', { Ref: 'Size' }, 5],
    ['an empty parameter', { Ref: 'Empty' }, ''],
    ['the bootstrap version', { 'Fn::Sub': '${BootstrapVersion}' }, '30'],
    ['a Systems Manager parameter', { Ref: 'Secret' }, 'hush'],
    ['GetAtt', { 'Fn::GetAtt': ['Fn', 'Arn'] }, 'arn:fn'],
    ['GetAtt in one string', { 'Fn::GetAtt': 'Fn.Arn' }, 'arn:fn'],
    ['Sub', { 'Fn::Sub': 'x-${Fn}-${Fn.Arn}-${!Fn}' }, 'x-fn-arn:fn-${Fn}'],
    ['Sub with variables', { 'Fn::Sub': ['${A}/${Fn}', { A: { Ref: 'AWS::Region' } }] }, 'us-east-1/fn'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Fn' }, 3]] }, 'a-fn-3'],
    [
      'Split and Select',
      { 'Fn::Select': ['1', { 'Fn::Split': [':', { 'Fn::GetAtt': ['Fn', 'Arn'] }] }] },
      'fn',
    ],
    ['If, taken', { 'Fn::If': ['Yes', { Ref: 'Fn' }, { Ref: 'Late' }] }, 'fn'],
    ['If, not taken', { 'Fn::If': ['No', { Ref: 'Late' }, 'b'] }, 'b'],
    [
      'NoValue',
      { a: { Ref: 'AWS::NoValue' }, b: [1, { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] }] },
      { b: [1] },
    ],
    ['a mapping', { 'Fn::FindInMap': ['Zones', { Ref: 'AWS::Region' }, 'name'] }, 'virginia'],
    ['an export of another stack', { 'Fn::ImportValue': 'data:Queue' }, 'arn:queue'],
    ['an export with a made name', { 'Fn::ImportValue': { 'Fn::Join': [':', ['data', 'Named']] } }, 'x'],
    ['a policy’s own Condition', { Condition: { Bool: { x: 'y' } } }, { Condition: { Bool: { x: 'y' } } }],
  ])('%s', (_name, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  it('gives all properties of a resource and outputs of a stack', () => {
    const properties = { Name: { Ref: 'Fn' }, Gone: { Ref: 'AWS::NoValue' } };
    expect(resolver.properties({ stack: 'app', logicalId: 'Fn', type: 'T', properties })).toEqual({
      Name: 'fn',
    });
    expect(resolver.outputs('data')).toEqual({ Queue: 'arn:queue', Own: 'not exported', Named: 'x' });
  });
});

describe('refusing', () => {
  it.each([
    [
      'a resource without a value yet',
      { Ref: 'Late' },
      'Ref of Late (AWS::S3::Bucket) has no value on the laptop',
    ],
    [
      'an attribute it does not have',
      { 'Fn::GetAtt': ['Fn', 'Size'] },
      'Fn.Size (AWS::Lambda::Function) has no value',
    ],
    [
      'a name that is nothing',
      { Ref: 'Nobody' },
      'Ref of Nobody is neither a resource nor a parameter of app',
    ],
    ['a name of another stack', { Ref: 'Queue' }, 'Ref of Queue is neither'],
    ['a parameter without a default', { Ref: 'Must' }, 'the parameter Must has no default'],
    [
      'an export nobody makes',
      { 'Fn::ImportValue': 'data:Gone' },
      'no stack of the assembly exports data:Gone',
    ],
    ['a missing mapping', { 'Fn::FindInMap': ['Zones', 'eu', 'name'] }, 'there is no mapping Zones.eu.name'],
    ['a missing condition', { 'Fn::If': ['Maybe', 1, 2] }, 'there is no condition Maybe'],
    ['a function it does not know', { 'Fn::Cidr': ['x'] }, 'Fn::Cidr is not known'],
    ['a selection out of range', { 'Fn::Select': [2, ['a']] }, 'no item 2'],
    ['a dynamic reference', '{{resolve:ssm:/x}}', 'dynamic references are not known'],
    ['a list where a string belongs', { 'Fn::Join': ['', [['a']]] }, 'expected a string'],
  ])('%s, naming stack, resource and path', (_name, value, message) => {
    expect(() => resolve({ Deep: [value] })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^app\/Fn Properties\.X\.Deep\.0/) }),
    );
    expect(() => resolve(value)).toThrow(message);
  });

  it('an undeclared Systems Manager parameter', () => {
    const bare = createResolver(assembly, () => undefined);
    expect(() => bare.value('app', { Ref: 'Secret' }, 'here')).toThrow(
      '/app/secret has no value on the laptop',
    );
  });
});
