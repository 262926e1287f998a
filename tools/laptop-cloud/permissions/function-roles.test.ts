import { describe, expect, it } from 'vitest';
import { identifiedAssembly } from '../fixtures/identified-assembly.ts';
import { readFunctionRoles } from './function-roles.ts';
import { mayInvoke, readInvokeGrants } from './invoke-grants.ts';
import { refuseUnreadQueues } from './refuse-unread-queues.ts';
import { readFailureDestinations, refuseUnsentFailures } from './refuse-unsent-failures.ts';

const trust = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
});
const document = (Action: string, Resource: unknown) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource }],
});
const jobs = { 'Fn::GetAtt': ['Jobs', 'Arn'] };
const jobsArn = 'arn:aws:sqs:us-east-1:000000000000:Stack-Jobs';
const role = (properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { AssumeRolePolicyDocument: trust('lambda.amazonaws.com'), ...properties },
});
const worker = {
  Type: 'AWS::Lambda::Function',
  Properties: { FunctionName: 'worker', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
};
const template = (resources: Parameters<typeof identifiedAssembly>[0]) =>
  identifiedAssembly({ Jobs: { Type: 'AWS::SQS::Queue' }, Worker: worker, ...resources });
const allows = (action: string, resource = jobsArn) => ({
  effect: 'Allow',
  actions: [action],
  resources: [resource],
});

describe('the role of a function', () => {
  it('has what its own policies say, those attached to it, and managed ones, with ARNs resolved', () => {
    const assembly = template({
      Role: role({
        Policies: [{ PolicyName: 'Own', PolicyDocument: document('sqs:SendMessage', jobs) }],
        ManagedPolicyArns: [
          'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
          { Ref: 'Named' },
        ],
      }),
      Attached: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'Attached',
          PolicyDocument: document('sqs:ReceiveMessage', jobs),
          Roles: [{ Ref: 'Role' }],
        },
      },
      Foreign: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyDocument: document('sqs:*', '*'), Roles: ['another'] },
      },
      Named: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { PolicyDocument: document('sqs:PurgeQueue', jobs) },
      },
      Naming: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { PolicyDocument: document('sqs:DeleteMessage', jobs), Roles: [{ Ref: 'Role' }] },
      },
    });
    expect(readFunctionRoles(assembly)).toEqual([
      {
        functionName: 'worker',
        roleName: 'Stack-Role',
        statements: [
          allows('sqs:SendMessage'),
          allows('sqs:ReceiveMessage'),
          expect.objectContaining({ actions: expect.arrayContaining(['logs:PutLogEvents']) }),
          allows('sqs:PurgeQueue'),
          allows('sqs:DeleteMessage'),
        ],
      },
    ]);
  });

  it.each([
    ['is missing', { Worker: { ...worker, Properties: { FunctionName: 'worker' } } }, 'has no Role'],
    ['is of another template', {}, 'Role'],
    [
      'is not for Lambda',
      { Role: role({ AssumeRolePolicyDocument: trust('ec2.amazonaws.com') }) },
      'lambda.amazonaws.com',
    ],
    [
      'has an unknown managed policy',
      { Role: role({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/X'] }) },
      'policy/X',
    ],
    [
      'has a boundary',
      { Role: role({ PermissionsBoundary: 'arn:aws:iam::1:policy/B' }) },
      'PermissionsBoundary',
    ],
    [
      'has a condition',
      {
        Role: role({
          Policies: [
            {
              PolicyName: 'Own',
              PolicyDocument: {
                Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: { Bool: {} } },
              },
            },
          ],
        }),
      },
      'Condition',
    ],
  ])('is refused when it %s', (_, resources: Parameters<typeof identifiedAssembly>[0], reason) => {
    expect(() => readFunctionRoles(template(resources))).toThrow(reason);
  });
});

describe('an event source mapping', () => {
  it('is refused when its function’s role does not let Lambda read the queue', () => {
    const mapping = { functionName: 'worker', queue: { arn: jobsArn } };
    const roles = (Action: string) =>
      readFunctionRoles(
        template({
          Role: role({ Policies: [{ PolicyName: 'Own', PolicyDocument: document(Action, jobs) }] }),
        }),
      );
    expect(() => refuseUnreadQueues([mapping], roles('sqs:*'))).not.toThrow();
    expect(() => refuseUnreadQueues([mapping], roles('sqs:ReceiveMessage'))).toThrow(
      /^The event source mapping of \S+Stack-Jobs cannot be created: the execution role Stack-Role of worker does not have permissions to call DeleteMessage on SQS\n.*GetQueueAttributes on SQS$/,
    );
  });
});

describe('an on-failure destination', () => {
  it('is refused when the role of its function does not let Lambda send to it', () => {
    const assembly = (Action: string) =>
      template({
        Role: role({ Policies: [{ PolicyName: 'Own', PolicyDocument: document(Action, jobs) }] }),
        Config: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            ...{ FunctionName: 'worker', MaximumRetryAttempts: 2, Qualifier: '$LATEST' },
            DestinationConfig: { OnFailure: { Destination: jobs } },
          },
        },
        Plain: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: { FunctionName: 'other', MaximumRetryAttempts: 0 },
        },
      });
    const check = (action: string) => () =>
      refuseUnsentFailures(readFailureDestinations(assembly(action)), readFunctionRoles(assembly(action)));
    expect(check('sqs:SendMessage')).not.toThrow();
    expect(check('sqs:ReceiveMessage')).toThrow(
      /^The on-failure destination \S+Stack-Jobs cannot be set: the execution role Stack-Role of worker does not have permissions to call SendMessage on SQS$/,
    );
  });
});

describe('a service', () => {
  const grants = (properties: Record<string, unknown>) =>
    readInvokeGrants(
      identifiedAssembly({
        Permission: {
          Type: 'AWS::Lambda::Permission',
          Properties: { Action: 'lambda:InvokeFunction', FunctionName: 'worker', ...properties },
        },
      }),
    );
  const rule = (name: string) => ({
    functionName: 'worker',
    principal: 'events.amazonaws.com',
    sourceArn: `arn:aws:events:us-east-1:000000000000:rule/${name}`,
  });
  const Principal = 'events.amazonaws.com';

  it('may invoke the function that a permission names, for the sources that it names', () => {
    const SourceArn = 'arn:aws:events:us-east-1:000000000000:rule/celeriac-*';
    expect(mayInvoke(grants({ Principal, SourceArn }), rule('celeriac-nightly'))).toBe(true);
    expect(mayInvoke(grants({ Principal, SourceArn }), rule('other'))).toBe(false);
    expect(mayInvoke(grants({ Principal }), rule('other'))).toBe(true);
    expect(mayInvoke(grants({ Principal: 's3.amazonaws.com' }), rule('other'))).toBe(false);
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:worker';
    expect(mayInvoke(grants({ Principal, FunctionName: arn }), rule('other'))).toBe(true);
    expect(mayInvoke(grants({ Principal, FunctionName: 'beat' }), rule('other'))).toBe(false);
    expect(mayInvoke([], rule('other'))).toBe(false);
  });

  it('is not let in by what the laptop cloud cannot judge by', () => {
    expect(() => grants({ Principal, SourceAccount: '000000000000' })).toThrow('SourceAccount');
    expect(() => grants({ Principal, Action: 'lambda:*' })).toThrow('lambda:InvokeFunction');
  });
});
