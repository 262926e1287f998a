import { expect, it } from 'vitest';
import { evaluateConditions } from './evaluate-conditions.ts';

const stack = {
  name: 'app',
  parameters: { Stage: { type: 'String', default: 'dev' } },
  mappings: { Size: { dev: { big: 'no' } } },
};
const isDev = { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] };
const never = { 'Fn::Equals': ['a', 'b'] };

it.each([
  ['Equals', isDev, true],
  ['Equals of what differs', never, false],
  ['Equals of a pseudo-parameter', { 'Fn::Equals': ['us-east-1', { Ref: 'AWS::Region' }] }, true],
  [
    'Equals of a mapping',
    { 'Fn::Equals': [{ 'Fn::FindInMap': ['Size', { Ref: 'Stage' }, 'big'] }, 'no'] },
    true,
  ],
  ['Not', { 'Fn::Not': [isDev] }, false],
  ['And', { 'Fn::And': [isDev, never] }, false],
  ['Or', { 'Fn::Or': [never, isDev] }, true],
  ['another condition', { 'Fn::Not': [{ Condition: 'Never' }] }, true],
])('evaluates %s', (_name, condition, expected) => {
  expect(evaluateConditions(stack, { Asked: condition, Never: never })).toEqual({
    Asked: expected,
    Never: false,
  });
});

it.each([
  [
    'a resource',
    { 'Fn::Equals': [{ Ref: 'Queue' }, 'x'] },
    'app Conditions.Asked: a condition cannot refer to Queue',
  ],
  ['an attribute', { 'Fn::Equals': [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'x'] }, 'cannot refer to Queue'],
  ['a condition that is none', { Condition: 'Gone' }, 'there is no condition Gone'],
  ['a function that is none', { 'Fn::Contains': [['a'], 'a'] }, 'Fn::Contains is no condition function'],
])('refuses %s', (_name, condition, message) => {
  expect(() => evaluateConditions(stack, { Asked: condition })).toThrow(message);
});
