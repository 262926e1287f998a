import type { Condition, Series } from './alarm.ts';
import { breaches, type Evaluation } from './evaluate-alarm.ts';

const WORDS = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
} as const;

/**
 * Tells in CloudWatch's words why an alarm has a state.
 * @param starts of the periods, in milliseconds since the epoch, one for each value
 */
export function stateReason(
  condition: Condition,
  values: Series,
  { state, looked, filled }: Evaluation,
  starts: readonly number[],
): string {
  if (state === 'INSUFFICIENT_DATA') return `Insufficient Data: ${were(filled, 'datapoint')} unknown.`;
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = condition;
  const told = looked.filter((index) => breaches(values[index] ?? 0, condition) === (state === 'ALARM'));
  const shown = told.map((index) => `${decimal(values[index] ?? 0)} (${moment(starts[index] ?? 0)})`);
  const filler = { breaching: '[Breaching]', notBreaching: '[NonBreaching]' }[treatMissingData as string];
  const missing =
    filled > 0 && filler !== undefined ? [`${were(filled, 'missing datapoint')} treated as ${filler}`] : [];
  const [from, least] =
    state === 'ALARM' ? ['OK', datapointsToAlarm] : ['ALARM', evaluationPeriods - datapointsToAlarm + 1];
  const real =
    told.length === 0
      ? []
      : [
          `${told.length} out of the last ${plural(looked.length)} [${shown.join(', ')}] ${told.length === 1 ? 'was' : 'were'}${state === 'ALARM' ? '' : ' not'} ${WORDS[condition.comparison]} the threshold (${decimal(condition.threshold)}) (minimum ${plural(least)} for ${from} -> ${state} transition)`,
        ];
  return `Threshold Crossed: ${[...real, ...missing].join(' and ')}.`;
}

function were(count: number, word: string): string {
  return `${plural(count, word)} ${count === 1 ? 'was' : 'were'}`;
}

function plural(count: number, word = 'datapoint'): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** As AWS writes it: always with a decimal. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** `DD/MM/YY HH:MM:SS` in UTC. */
function moment(time: number): string {
  const [date = '', clock = ''] = new Date(time).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${clock.slice(0, 8)}`;
}
