import { type MetricStore, MINUTE_MS, minuteOf } from '../metrics/metric-store.ts';
import type { Alarm, AlarmState, AlarmView, MetricAlarm } from './alarm.ts';
import type { StateChange } from './alarm-message.ts';
import { ruleHolds } from './alarm-rule.ts';
import { evaluateAlarm } from './evaluate-alarm.ts';
import { stateReason } from './state-reason.ts';
import { hasLowSamples, minutesLookedAt, periodStarts, watchedSeries } from './watched-series.ts';

/** The alarms of the laptop cloud, running. Their states follow from what was measured, and from nothing else. */
export interface AlarmRunner {
  views(): AlarmView[];
  /**
   * Says that the clock is going to be moved to a moment without all happening that would happen in that time: whole
   * minutes in between are taken as if they had not been.
   */
  leaveOut(to: number): void;
  /** Evaluates every minute that has ended by now, in order; resolves when all is told. Never rejects. */
  catchUp(): Promise<void>;
  /** Ends the timer; resolves when nothing is evaluated any more. */
  stop(): Promise<void>;
}

/** What running alarms needs of the rest of the laptop cloud. */
export interface AlarmRunnerOptions {
  /** Composite ones after those that they are made of. */
  alarms: readonly Alarm[];
  store: MetricStore;
  /** Milliseconds since the epoch, by the laptop's clock. */
  now: () => number;
  /** Measures what is measured once a minute, as of each of these moments. */
  sample: (moments: readonly number[]) => Promise<void>;
  notify: (change: StateChange) => Promise<void>;
  log: (line: string) => void;
  /** Real time between two looks at the clock, which may be moved under it. @default 1000 */
  tickMs?: number;
}

/** Of a longer gap, such as a laptop's sleep over a weekend, the last day is evaluated. */
const MOST_MINUTES_AT_ONCE = 1440;

const LEAST_MINUTES_KEPT = 10;

interface Standing {
  state: AlarmState;
  since: number;
  reason: string;
}

/** Evaluates alarms at the end of each minute of the laptop's clock, and tells their changes. */
export function runAlarms(options: AlarmRunnerOptions): AlarmRunner {
  const { alarms, store, now, log } = options;
  const metricAlarms = alarms.filter((alarm) => alarm.kind === 'metric');
  const kept = Math.max(LEAST_MINUTES_KEPT, ...metricAlarms.map(minutesLookedAt));
  const started = now();
  const standings = new Map<string, Standing>(
    alarms.map(({ name }) => [
      name,
      { state: 'INSUFFICIENT_DATA', since: started, reason: 'Unchecked: Initial alarm creation' },
    ]),
  );
  const byArn = new Map(alarms.map(({ name, arn }) => [arn, name]));
  const standingOf = (alarm: string): Standing => {
    const standing = standings.get(alarm) ?? standings.get(byArn.get(alarm) ?? '');
    if (standing === undefined) throw new Error(`There is no alarm ${alarm}`);
    return standing;
  };

  /** Minutes that are over and count, the latest `kept`. */
  let minutes: number[] = [];
  /** The first minute that has not been evaluated. */
  let next = minuteOf(started);
  const leftOut: { from: number; to: number }[] = [];
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;

  const change = async (alarm: Alarm, to: AlarmState, reason: string, at: number): Promise<void> => {
    const { state: from, since } = standingOf(alarm.name);
    if (to === from) return;
    standings.set(alarm.name, { state: to, since: at, reason });
    // Not a recovery: nothing is known of the time before the start.
    if (to === 'OK' && from === 'INSUFFICIENT_DATA' && since === started) return;
    log(`alarm ${alarm.name}: ${from} -> ${to}: ${reason}`);
    await options.notify({ alarm, from, to, reason, at });
  };

  const evaluate = async (alarm: MetricAlarm, at: number): Promise<void> => {
    // The time before the start is no missing data: nothing ran that could have been measured.
    const young = minutes.length < Math.min(kept, (alarm.evaluationPeriods * alarm.periodSeconds) / 60);
    if (young && alarm.treatMissingData === 'breaching') return;
    if (!alarm.evaluatesLowSamples && hasLowSamples(alarm, store, minutes)) return;
    const values = watchedSeries(alarm, store, minutes);
    const evaluation = evaluateAlarm(alarm, values, standingOf(alarm.name).state);
    const reason = stateReason(alarm, values, evaluation, periodStarts(alarm, minutes));
    await change(alarm, evaluation.state, reason, at);
  };

  const pass = async (minute: number): Promise<void> => {
    minutes = [...minutes, minute].slice(-kept);
    store.forget(minutes[0] ?? minute);
    const at = minute + MINUTE_MS;
    for (const alarm of alarms) {
      if (alarm.kind === 'metric') await evaluate(alarm, at);
      else {
        const holds = ruleHolds(alarm.rule, (named) => standingOf(named).state);
        const reason = `The rule of ${alarm.name} ${holds ? 'holds' : 'does not hold'}`;
        await change(alarm, holds ? 'ALARM' : 'OK', reason, at);
      }
    }
  };

  const takeDue = (): number[] => {
    const end = minuteOf(now());
    const first = Math.max(next, end - MOST_MINUTES_AT_ONCE * MINUTE_MS);
    const due = Array.from(
      { length: (end - first) / MINUTE_MS },
      (_none, index) => first + index * MINUTE_MS,
    );
    next = Math.max(next, end);
    const gaps = leftOut.splice(0, leftOut.findLastIndex(({ to }) => to <= end) + 1);
    return due.filter((minute) => !gaps.some(({ from, to }) => minute >= from && minute < to));
  };

  const catchUp = async (): Promise<void> => {
    if (stopped || minuteOf(now()) <= next) return;
    const due = takeDue();
    try {
      await options.sample(due.map((minute) => minute + MINUTE_MS));
    } catch (error) {
      if (!stopped) log(`alarms: not everything could be measured: ${String(error)}`);
    }
    for (const minute of due) if (!stopped) await pass(minute);
  };
  const queueUp = (): Promise<void> => {
    turn = turn.then(catchUp).catch((error: unknown) => log(`alarms: ${String(error)}`));
    return turn;
  };
  const timer = setInterval(() => {
    if (now() >= next + MINUTE_MS) void queueUp();
  }, options.tickMs ?? 1000);

  return {
    views: () =>
      alarms.map(({ name, description }) => {
        const { state, since, reason } = standingOf(name);
        return { name, description, state, since: new Date(since).toISOString(), reason };
      }),
    leaveOut: (to) => {
      const from = minuteOf(now()) + MINUTE_MS;
      if (minuteOf(to) > from) leftOut.push({ from, to: minuteOf(to) });
    },
    catchUp: queueUp,
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await turn;
    },
  };
}
