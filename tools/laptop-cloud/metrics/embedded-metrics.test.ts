import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEmbeddedMetrics } from './embedded-metrics.ts';

const at = 1574109732004;

function lineOf(directive: object, root: object): string {
  return JSON.stringify({ _aws: { Timestamp: at, CloudWatchMetrics: [directive] }, ...root });
}

const one = { Namespace: 'Test', Dimensions: [['queue']], Metrics: [{ Name: 'Kept', Unit: 'Count' }] };

describe('a line of the embedded metric format', () => {
  it('gives the value of AWS’s own example', () => {
    const line = JSON.stringify({
      _aws: {
        Timestamp: 1574109732004,
        CloudWatchMetrics: [
          {
            Namespace: 'lambda-function-metrics',
            Dimensions: [['functionVersion']],
            Metrics: [{ Name: 'time', Unit: 'Milliseconds' }],
          },
        ],
      },
      functionVersion: '$LATEST',
      time: 100,
      requestId: '989ffbf8-9ace-4817-a57c-e4dd734019ee',
    });
    const dimensions = { functionVersion: '$LATEST' };
    expect(readEmbeddedMetrics(line)).toEqual({
      values: [
        { metric: { namespace: 'lambda-function-metrics', name: 'time', dimensions }, value: 100, at },
      ],
      faults: [],
    });
  });

  it('gives every value of a list, in every set of dimensions, the empty one among them', () => {
    const line = lineOf(
      {
        ...one,
        Dimensions: [['queue', 'task'], ['queue'], []],
        Metrics: [{ Name: 'Kept' }, { Name: 'Wait' }],
      },
      { queue: 'default', task: 'a', Kept: [1, 2], Wait: 5 },
    );
    const told = readEmbeddedMetrics(line).values.map(({ metric, value }) => [
      Object.keys(metric.dimensions).join('+'),
      metric.name,
      value,
    ]);
    expect(told.toSorted()).toEqual(
      ['queue+task', 'queue', '']
        .flatMap((set) => [
          [set, 'Kept', 1],
          [set, 'Kept', 2],
          [set, 'Wait', 5],
        ])
        .toSorted(),
    );
  });

  it.each<[string, object, object, string[]]>([
    ['a target that is missing', one, { queue: 'a' }, ['Kept is no number']],
    ['a target that is text', one, { queue: 'a', Kept: '1' }, ['Kept is no number']],
    ['more than 100 values', one, { queue: 'a', Kept: Array(101).fill(1) }, ['Kept is no number']],
    ['a dimension that is missing', one, { Kept: 1 }, ['the dimension queue is no text']],
    ['a dimension that is a number', one, { queue: 7, Kept: 1 }, ['the dimension queue is no text']],
    [
      'a target of every object',
      { ...one, Metrics: [{ Name: 'toString' }] },
      { queue: 'a' },
      ['toString is'],
    ],
    ['no dimension sets', { ...one, Dimensions: [] }, { Kept: 1 }, ['_aws: ']],
    ['no namespace', { ...one, Namespace: undefined }, { Kept: 1 }, ['_aws: ']],
  ])('with %s gives no value and says why', (_case, directive, root, faults) => {
    const found = readEmbeddedMetrics(lineOf(directive, root));
    expect(found.values).toEqual([]);
    expect(found.faults).toEqual(faults.map((fault) => expect.stringContaining(fault)));
  });

  it('counts what it can when a part does not fit', () => {
    const line = lineOf({ ...one, Dimensions: [['gone'], ['queue']] }, { queue: 'a', Kept: 1 });
    const { values, faults } = readEmbeddedMetrics(line);
    expect(values).toHaveLength(1);
    expect(faults).toEqual(['the dimension gone is no text']);
  });
});

describe('any other line', () => {
  it.each([
    '',
    'plain words',
    '{"message":"_aws is a word here"}',
    '"_aws"',
    'x {"_aws":',
    '["_aws"]',
    '{"a":{"_aws":1}}',
  ])('gives nothing: %s', (line) => {
    expect(readEmbeddedMetrics(line)).toEqual({ values: [], faults: [] });
  });

  it('is never fatal', () => {
    const lines = fc.oneof(
      fc.string().map((text) => `"_aws"${text}`),
      fc.json().map((json) => `{"_aws":${json}}`),
    );
    fc.assert(fc.property(lines, (line) => void readEmbeddedMetrics(line)));
  });
});
