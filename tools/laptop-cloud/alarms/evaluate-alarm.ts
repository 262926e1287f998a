import type { AlarmState, Comparison, Condition, Series } from './alarm.ts';

/** What an evaluation came to, and of what. */
export interface Evaluation {
  state: AlarmState;
  /** Indices of the values that were looked at, in order of time. */
  looked: number[];
  /** How many missing values were filled in, or would have been. */
  filled: number;
}

/** How many periods more than it evaluates an alarm looks back for values, by AWS's examples. */
const MORE_PERIODS = 2;

/** How many periods' values an evaluation needs: CloudWatch looks back further than the alarm's own periods. */
export function evaluationRange({ evaluationPeriods }: Pick<Condition, 'evaluationPeriods'>): number {
  return evaluationPeriods + MORE_PERIODS;
}

/** Whether a value breaches the threshold. */
export function breaches(value: number, { comparison, threshold }: Condition): boolean {
  return COMPARE[comparison](value, threshold);
}

const COMPARE: Readonly<Record<Comparison, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/**
 * Evaluates an alarm as CloudWatch does. Real values of the whole range come first, the latest N of them; only when
 * there are fewer do missing ones count, as the alarm says.
 * Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", its tables of examples
 * and "Avoiding premature transitions to alarm state" among it. Where the page is silent (few values, all of them
 * breaching, none old enough) its earlier edition decides: too little data.
 * @param values the last `evaluationRange` periods, in order of time
 * @param current the state until now
 */
export function evaluateAlarm(condition: Condition, values: Series, current: AlarmState): Evaluation {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = condition;
  const existing = values.flatMap((value, index) => (value === null ? [] : [index]));
  const looked = existing.slice(-evaluationPeriods);
  const filled = evaluationPeriods - looked.length;
  const isBreaching = (index: number) => breaches(values[index] ?? Number.NaN, condition);
  const breaching = looked.filter(isBreaching).length;
  const byCount = (count: number): AlarmState => (count >= datapointsToAlarm ? 'ALARM' : 'OK');
  const decide = (): AlarmState => {
    if (filled === 0) return byCount(breaching);
    if (treatMissingData === 'breaching') return byCount(breaching + filled);
    if (treatMissingData === 'notBreaching' || breaching >= datapointsToAlarm) return byCount(breaching);
    if (breaching < looked.length) return 'OK';
    if (treatMissingData === 'ignore') return current;
    // All that there is breaches: it is believed once it is so old that no better value may still come between.
    const oldest = looked[0];
    return oldest !== undefined && values.length - oldest >= datapointsToAlarm
      ? 'ALARM'
      : 'INSUFFICIENT_DATA';
  };
  return { state: decide(), looked, filled };
}
