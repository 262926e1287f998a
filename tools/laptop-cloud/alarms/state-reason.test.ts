import { expect, it } from 'vitest';
import type { AlarmState, Condition, Series } from './alarm.ts';
import { evaluateAlarm } from './evaluate-alarm.ts';
import { stateReason } from './state-reason.ts';

const condition: Condition = {
  comparison: 'GreaterThanThreshold',
  threshold: 5,
  evaluationPeriods: 3,
  datapointsToAlarm: 2,
  treatMissingData: 'missing',
};
const starts = [0, 1, 2, 3, 4].map((minute) => Date.parse('2026-11-22T15:38:00Z') + minute * 60_000);

it.each<[Series, Condition['treatMissingData'], AlarmState, string]>([
  [
    [1, 2, 6, 3, 7.5],
    'missing',
    'ALARM',
    'Threshold Crossed: 2 out of the last 3 datapoints [6.0 (22/11/26 15:40:00), 7.5 (22/11/26 15:42:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).',
  ],
  [
    [6, 6, 6, 3, 2],
    'missing',
    'OK',
    'Threshold Crossed: 2 out of the last 3 datapoints [3.0 (22/11/26 15:41:00), 2.0 (22/11/26 15:42:00)] were not greater than the threshold (5.0) (minimum 2 datapoints for ALARM -> OK transition).',
  ],
  [
    [null, null, 6, null, null],
    'breaching',
    'ALARM',
    'Threshold Crossed: 1 out of the last 1 datapoint [6.0 (22/11/26 15:40:00)] was greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition) and 2 missing datapoints were treated as [Breaching].',
  ],
  [
    [null, null, null, null, null],
    'notBreaching',
    'OK',
    'Threshold Crossed: 3 missing datapoints were treated as [NonBreaching].',
  ],
  [
    [null, null, null, null, 6],
    'missing',
    'INSUFFICIENT_DATA',
    'Insufficient Data: 2 datapoints were unknown.',
  ],
])('%j, missing ones %s: %s', (values, treatMissingData, state, reason) => {
  const given = { ...condition, treatMissingData };
  const evaluation = evaluateAlarm(given, values, 'OK');
  expect(evaluation.state).toBe(state);
  expect(stateReason(given, values, evaluation, starts)).toBe(reason);
});
