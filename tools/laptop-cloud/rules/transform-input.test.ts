import { describe, expect, it } from 'vitest';
import { readTransformer, transformInput } from './transform-input.ts';

const event = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '000000000000',
  time: '2026-11-01T02:00:00Z',
  region: 'us-east-1',
  resources: ['arn:aws:events:us-east-1:000000000000:rule/nightly'],
  detail: {},
};

const paths = { time: '$.time', all: '$.resources', type: '$.detail-type' };
const transform = (template: string) => transformInput(readTransformer(paths, template), event);

describe('the input of a target with a transformer', () => {
  it.each([
    ['{"schedule":"nightly","time":<time>}', { schedule: 'nightly', time: event.time }],
    ['{"rules":<all>}', { rules: event.resources }],
    ['{"text":"at <time>, \\"<type>\\""}', { text: `at ${event.time}, "Scheduled Event"` }],
    ['{"twice":[<time>,<time>]}', { twice: [event.time, event.time] }],
    ['{"constant":1}', { constant: 1 }],
  ])('is %s with its variables replaced', (template, input) => {
    expect(transform(template)).toEqual(input);
  });
});

describe('a transformer that a laptop does not honour', () => {
  it.each([
    [{ time: 'time' }, '{}', 'the path time of the input variable time'],
    [{ day: '$.detail.day' }, '{}', 'the path $.detail.day of the input variable day'],
    [{}, '{"time":<time>}', 'uses <time>, which has no path'],
    [{}, '{"rule":<aws.events.rule-arn>}', 'uses <aws.events.rule-arn>'],
    [{}, '"fired"', 'no JSON object'],
    [{ time: '$.time' }, '{"time":<time>', 'no JSON object'],
  ])('is refused: %j, %s', (given, template, reason) => {
    expect(() => readTransformer(given, template)).toThrow(reason);
  });
});
