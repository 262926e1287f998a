import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmState, Comparison, Condition, MissingData, Series } from './alarm.ts';
import { evaluateAlarm, evaluationRange } from './evaluate-alarm.ts';

const STATES: readonly AlarmState[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

function conditionOf(given: Partial<Condition> = {}): Condition {
  return {
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold: 1,
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    treatMissingData: 'missing',
    ...given,
  };
}

/** `0` is within the threshold, `X` breaches it, `-` is missing; the latest is on the right. */
function seriesOf(drawn: string): Series {
  return drawn.split(' ').map((point) => ({ 0: 0, X: 1 })[point] ?? null);
}

type Outcome = AlarmState | 'as it was';

/**
 * The tables of "How alarm state is evaluated when data is missing" in the Amazon CloudWatch User Guide, and the cases
 * that its text and its earlier edition add (`- - - - X`, `X - - - -`).
 */
const EXAMPLES: readonly (readonly [number, string, ...Outcome[]])[] = [
  [3, '0 - X - X', 'OK', 'OK', 'OK', 'OK'],
  [3, '0 - - - -', 'OK', 'OK', 'OK', 'OK'],
  [3, '- - - - -', 'INSUFFICIENT_DATA', 'as it was', 'ALARM', 'OK'],
  [3, '0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, '- - X - -', 'ALARM', 'as it was', 'ALARM', 'OK'],
  [3, '- - - - X', 'INSUFFICIENT_DATA', 'as it was', 'ALARM', 'OK'],
  [3, '- - - X -', 'INSUFFICIENT_DATA', 'as it was', 'ALARM', 'OK'],
  [3, 'X - - - -', 'ALARM', 'as it was', 'ALARM', 'OK'],
  [3, '- - - X 0', 'OK', 'OK', 'OK', 'OK'],
  [2, '0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, '0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, '0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
  [2, '- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
  [2, '- - - X -', 'ALARM', 'as it was', 'ALARM', 'OK'],
  [2, '- - - - X', 'INSUFFICIENT_DATA', 'as it was', 'ALARM', 'OK'],
];
const TREATMENTS: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

describe('the examples of AWS', () => {
  it.each(
    EXAMPLES.flatMap(([datapointsToAlarm, drawn, ...outcomes]) =>
      TREATMENTS.map((treatMissingData, index) => ({
        datapointsToAlarm,
        drawn,
        treatMissingData,
        outcome: outcomes[index],
      })),
    ),
  )('$datapointsToAlarm of 3, $drawn, $treatMissingData: $outcome', ({ drawn, outcome, ...given }) => {
    for (const current of STATES) {
      const { state } = evaluateAlarm(conditionOf(given), seriesOf(drawn), current);
      expect(state).toBe(outcome === 'as it was' ? current : outcome);
    }
  });

  it('look back two periods further than the alarm', () => {
    expect(evaluationRange({ evaluationPeriods: 3 })).toBe(5);
  });
});

it.each<[Comparison, boolean, boolean, boolean]>([
  ['GreaterThanThreshold', false, false, true],
  ['GreaterThanOrEqualToThreshold', false, true, true],
  ['LessThanThreshold', true, false, false],
  ['LessThanOrEqualToThreshold', true, true, false],
])('%s breaches below, at and above the threshold: %s, %s, %s', (comparison, ...breaching) => {
  const condition = conditionOf({ comparison, threshold: 5, evaluationPeriods: 1, datapointsToAlarm: 1 });
  const states = [4.9, 5, 5.1].map((value) => evaluateAlarm(condition, [null, null, value], 'OK').state);
  expect(states).toEqual(breaching.map((is) => (is ? 'ALARM' : 'OK')));
});

const anyPoint = fc.oneof(fc.constant(null), fc.constantFrom(0, 1));
const anyCase = fc.integer({ min: 1, max: 6 }).chain((evaluationPeriods) =>
  fc.record({
    evaluationPeriods: fc.constant(evaluationPeriods),
    datapointsToAlarm: fc.integer({ min: 1, max: evaluationPeriods }),
    treatMissingData: fc.constantFrom(...TREATMENTS),
    current: fc.constantFrom(...STATES),
    values: fc.array(anyPoint, { minLength: evaluationPeriods + 2, maxLength: evaluationPeriods + 2 }),
  }),
);

describe('for any values', () => {
  it('only the latest N count when there are as many, whatever is missing between and before', () => {
    fc.assert(
      fc.property(anyCase, ({ values, current, ...given }) => {
        const existing = values.filter((value) => value !== null);
        fc.pre(existing.length >= given.evaluationPeriods);
        const breaching = existing.slice(-given.evaluationPeriods).filter((value) => value === 1).length;
        const { state, filled } = evaluateAlarm(conditionOf(given), values, current);
        expect(filled).toBe(0);
        expect(state).toBe(breaching >= given.datapointsToAlarm ? 'ALARM' : 'OK');
      }),
    );
  });

  it('treating missing values as breaching is never laxer than as good ones, and neither leaves it open', () => {
    fc.assert(
      fc.property(anyCase, ({ values, current, ...given }) => {
        const as = (treatMissingData: MissingData) =>
          evaluateAlarm(conditionOf({ ...given, treatMissingData }), values, current).state;
        expect(['OK', 'ALARM']).toContain(as('breaching'));
        expect(['OK', 'ALARM']).toContain(as('notBreaching'));
        if (as('notBreaching') === 'ALARM') expect(TREATMENTS.map(as)).toEqual(TREATMENTS.map(() => 'ALARM'));
        if (as('breaching') === 'OK') expect(TREATMENTS.map(as)).not.toContain('ALARM');
      }),
    );
  });

  it('a breaching value in place of a good one never ends an alarm', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(), ({ values, current, ...given }, at) => {
        fc.pre(values[at % values.length] === 0);
        const worse = values.with(at % values.length, 1);
        const before = evaluateAlarm(conditionOf(given), values, current).state;
        if (before === 'ALARM') expect(evaluateAlarm(conditionOf(given), worse, current).state).toBe('ALARM');
      }),
    );
  });

  it('the state until now matters only where missing values are ignored', () => {
    fc.assert(
      fc.property(anyCase, ({ values, current, ...given }) => {
        const states = STATES.map((before) => evaluateAlarm(conditionOf(given), values, before).state);
        const { state } = evaluateAlarm(conditionOf(given), values, current);
        expect(states).toContain(state);
        if (given.treatMissingData !== 'ignore') expect(new Set(states).size).toBe(1);
        else
          expect(new Set(states).size === 1 || states.every((one, index) => one === STATES[index])).toBe(
            true,
          );
      }),
    );
  });
});
