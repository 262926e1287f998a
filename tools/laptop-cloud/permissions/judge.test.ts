import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from './judge.ts';
import { isArn, matchesArn, matchesPattern } from './matches-pattern.ts';
import { readStatements, type Statement } from './statements.ts';

const queue = 'arn:aws:sqs:us-east-1:000000000000:Jobs';
const allow = (actions: string[], resources: string[]): Statement => ({
  effect: 'Allow',
  actions,
  resources,
});
const deny = (actions: string[], resources: string[]): Statement => ({ effect: 'Deny', actions, resources });

describe('a call', () => {
  it('is allowed by a statement that names its action and its resource, and by no other', () => {
    const needed = { action: 'sqs:SendMessage', resource: queue };
    expect(judge([], needed)).toBe('not allowed');
    expect(judge([allow(['sqs:SendMessage'], [queue])], needed)).toBe('allowed');
    expect(judge([allow(['sqs:ReceiveMessage'], [queue])], needed)).toBe('not allowed');
    expect(judge([allow(['sqs:SendMessage'], [`${queue}2`])], needed)).toBe('not allowed');
    const crossed = [allow(['sqs:SendMessage'], [`${queue}2`]), allow(['sqs:ReceiveMessage'], [queue])];
    expect(judge(crossed, needed)).toBe('not allowed');
  });

  it('takes no notice of the case of an action, and does of that of a resource', () => {
    const statements = [allow(['sqs:SENDMessage'], [queue])];
    expect(judge(statements, { action: 'sqs:sendmessage', resource: queue })).toBe('allowed');
    expect(judge(statements, { action: 'sqs:sendmessage', resource: queue.toLowerCase() })).toBe(
      'not allowed',
    );
  });

  it('that takes no resource is allowed by * alone', () => {
    const needed = { action: 'lambda:ListEventSourceMappings', resource: '*' };
    expect(judge([allow(['lambda:*'], ['*'])], needed)).toBe('allowed');
    expect(judge([allow(['lambda:*'], ['arn:aws:lambda:*:*:*'])], needed)).toBe('not allowed');
  });

  const action = fc.constantFrom('s3:GetObject', 's3:PutObject', 's3:*', '*', 's3:Get*', 'sqs:SendMessage');
  const resource = fc.constantFrom('*', 'arn:aws:s3:::b/*', 'arn:aws:s3:::b/a/?', 'arn:aws:s3:::b', queue);
  const statement = fc.record({
    effect: fc.constantFrom('Allow' as const, 'Deny' as const),
    actions: fc.array(action, { minLength: 1, maxLength: 3 }),
    resources: fc.array(resource, { minLength: 1, maxLength: 3 }),
  });
  const needed = fc.record({
    action: fc.constantFrom('s3:GetObject', 's3:PutObject', 'sqs:SendMessage'),
    resource: fc.constantFrom('arn:aws:s3:::b/a/x', 'arn:aws:s3:::b/long/key', 'arn:aws:s3:::b', queue),
  });

  it('is explicitly denied by any Deny that fits, whatever else is said and in whichever order', () => {
    fc.assert(
      fc.property(fc.array(statement), fc.array(statement), needed, (before, after, call) => {
        const all = [...before, deny([call.action], [call.resource]), ...after];
        expect(judge(all, call)).toBe('explicitly denied');
      }),
    );
  });

  it('is never allowed by fewer Allow statements than were not enough', () => {
    fc.assert(
      fc.property(fc.array(statement), statement, needed, (statements, one, call) => {
        const more = [...statements, { ...one, effect: 'Allow' as const }];
        if (judge(more, call) === 'not allowed') expect(judge(statements, call)).toBe('not allowed');
        if (judge(statements, call) === 'allowed') expect(judge(more, call)).toBe('allowed');
      }),
    );
  });

  it('is judged alike in whatever order statements stand', () => {
    fc.assert(
      fc.property(fc.array(statement), needed, (statements, call) => {
        expect(judge(statements.toReversed(), call)).toBe(judge(statements, call));
      }),
    );
  });
});

describe('a pattern', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '+', '/', '[') });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '+', '/', '[', '*', '?') });

  it('fits what the same expression fits', () => {
    const expression = (given: string) => {
      const escaped = given.replaceAll(/[.+/[]/g, String.raw`\$&`);
      return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
    };
    fc.assert(
      fc.property(pattern, text, (given, wanted) => {
        expect(matchesPattern(given, wanted)).toBe(expression(given).test(wanted));
      }),
      { numRuns: 2000 },
    );
  });

  it('of an ARN keeps a wildcard within its part, and lets the resource hold colons', () => {
    const group = 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/x:*';
    expect(matchesArn('arn:aws:logs:*:*:log-group:/aws/x:*', group)).toBe(true);
    expect(matchesArn('arn:aws:logs:us-east-1:*:*', group)).toBe(true);
    expect(matchesArn('arn:aws:*:x', group)).toBe(false);
    expect(matchesArn('arn:aws:s*:us-east-1:000000000000:Jobs', queue)).toBe(true);
    expect(matchesArn('arn:aws:s*:000000000000:Jobs', queue)).toBe(false);
    expect(isArn('arn:aws:s3:::bucket/key')).toBe(true);
    expect(isArn('arn:aws:s3:bucket')).toBe(false);
  });
});

describe('a policy', () => {
  const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue };

  it('is read with one statement or several, one action or several', () => {
    expect(readStatements({ Version: '2012-10-17', Statement: statement }, 'p')).toEqual([
      allow(['sqs:SendMessage'], [queue]),
    ]);
    const several = {
      ...statement,
      Sid: 'x',
      Action: ['sqs:SendMessage', 'sqs:Get*'],
      Resource: [queue, '*'],
    };
    expect(readStatements({ Statement: [several] }, 'p')).toEqual([
      allow(['sqs:SendMessage', 'sqs:Get*'], [queue, '*']),
    ]);
  });

  it.each([
    ['Condition', { ...statement, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    ['NotAction', { Effect: 'Allow', NotAction: 'sqs:*', Resource: '*' }],
    ['NotResource', { Effect: 'Deny', Action: 'sqs:*', NotResource: queue }],
    ['Principal', { ...statement, Principal: '*' }],
    ['neither * nor an ARN', { ...statement, Resource: 'Jobs' }],
    ['no service:Action', { ...statement, Action: 'SendMessage' }],
    ['Effect', { ...statement, Effect: 'allow' }],
  ])('with %s is refused, and the refusal names it and the policy', (named, given) => {
    const read = () => readStatements({ Statement: [given] }, 'AWS::IAM::Policy (Stack/Policy)');
    expect(read).toThrow(named);
    expect(read).toThrow('AWS::IAM::Policy (Stack/Policy)');
  });
});
