import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLaptopClock, type LaptopClock } from '../clock/laptop-clock.ts';
import { eventually } from '../fixtures/eventually.ts';
import { createMetricStore, type MetricStore } from '../metrics/metric-store.ts';
import type { Alarm, CompositeAlarm, MetricAlarm, MissingData } from './alarm.ts';
import { parseExpression } from './parse-expression.ts';
import { type AlarmRunner, runAlarms } from './run-alarms.ts';

const beats = { namespace: 'Test', name: 'Beats', dimensions: {} };

let clock: LaptopClock;
let store: MetricStore;
let told: string[];
let lines: string[];
let sampled: number[];
let running: AlarmRunner;

// Ten seconds into a minute, so that a test never straddles one.
beforeEach(() => {
  clock = createLaptopClock();
  clock.advance(Date.parse('2100-01-01T00:00:10Z') - clock.now());
  store = createMetricStore();
  told = [];
  lines = [];
  sampled = [];
});
afterEach(() => running.stop());

function base(name: string) {
  return {
    ...{ name, arn: `arn:${name}`, description: '', actionsEnabled: true, notified: {} },
    actions: { ALARM: [], OK: [], INSUFFICIENT_DATA: [] },
  };
}

/** On when there were fewer than one, or at least one, in so many of so many minutes. */
function alarmOf(name: string, given: Partial<MetricAlarm> = {}): MetricAlarm {
  return {
    ...base(name),
    kind: 'metric',
    watched: { kind: 'metric', query: { metric: beats, statistic: 'Sum' } },
    periodSeconds: 60,
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold: 1,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    treatMissingData: 'notBreaching',
    evaluatesLowSamples: true,
    ...given,
  };
}

const silent = (treatMissingData: MissingData = 'breaching') =>
  alarmOf('silent', {
    comparison: 'LessThanThreshold',
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    treatMissingData,
  });

function compositeOf(name: string, rule: string): CompositeAlarm {
  return { ...base(name), kind: 'composite', rule: parseExpression(rule, 'rule') };
}

function start(alarms: readonly Alarm[], given: { sample?: () => Promise<void>; tickMs?: number } = {}) {
  running = runAlarms({
    ...{ alarms, store, now: clock.now, tickMs: given.tickMs ?? 1_000_000 },
    sample: async (moments) => {
      sampled.push(...moments);
      await given.sample?.();
    },
    notify: async ({ alarm, from, to, at }) => {
      told.push(`${new Date(at).toISOString().slice(11, 16)} ${alarm.name} ${from} -> ${to}`);
    },
    log: (line) => lines.push(line),
  });
}

async function minutes(count: number, value?: number) {
  for (let minute = 0; minute < count; minute++) {
    if (value !== undefined) store.record(beats, value, clock.now());
    clock.advance(60_000);
    await running.catchUp();
  }
}

const stateOf = (name: string) => running.views().find((view) => view.name === name)?.state;

describe('an alarm', () => {
  it('goes on and off with what is measured, and tells each change once', async () => {
    start([alarmOf('beating')]);
    expect(running.views()).toEqual([
      {
        ...{ name: 'beating', description: '', state: 'INSUFFICIENT_DATA' },
        since: expect.stringMatching(/^2100-01-01T00:00:1/),
        reason: 'Unchecked: Initial alarm creation',
      },
    ]);
    await minutes(2, 0);
    await minutes(2, 1);
    await minutes(2, 0);
    expect(told).toEqual(['00:03 beating OK -> ALARM', '00:05 beating ALARM -> OK']);
    expect(lines).toEqual([
      'alarm beating: OK -> ALARM: Threshold Crossed: 1 out of the last 1 datapoint [1.0 (01/01/00 00:02:00)] was greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition).',
      'alarm beating: ALARM -> OK: Threshold Crossed: 1 out of the last 1 datapoint [0.0 (01/01/00 00:04:00)] was not greater than or equal to the threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition).',
    ]);
    expect(running.views()).toMatchObject([{ state: 'OK', since: '2100-01-01T00:05:00.000Z' }]);
  });

  it('begins well without telling anybody, but tells when it begins badly', async () => {
    start([alarmOf('beating'), alarmOf('quiet', { comparison: 'LessThanThreshold' })]);
    await minutes(1, 1);
    expect([stateOf('beating'), stateOf('quiet')]).toEqual(['ALARM', 'OK']);
    expect(told).toEqual(['00:01 beating INSUFFICIENT_DATA -> ALARM']);
  });

  it('does not take the time before the start for missing data that breach', async () => {
    start([silent()]);
    await minutes(2);
    expect(stateOf('silent')).toBe('INSUFFICIENT_DATA');
    await minutes(1);
    expect(stateOf('silent')).toBe('ALARM');
  });

  it('of a longer period looks at windows that begin anew each minute', async () => {
    start([alarmOf('beating', { periodSeconds: 300, threshold: 3 })]);
    await minutes(1, 2);
    await minutes(3);
    await minutes(1, 1);
    expect(told).toEqual(['00:05 beating OK -> ALARM']);
    await minutes(1);
    expect(told[1]).toBe('00:06 beating ALARM -> OK');
  });

  it('keeps its state while a percentile has too few values, when it is told to', async () => {
    const query = { metric: beats, statistic: 'p90' as const };
    const given = { watched: { kind: 'metric' as const, query }, treatMissingData: 'missing' as const };
    start([alarmOf('all', given), alarmOf('enough', { ...given, evaluatesLowSamples: false })]);
    for (let sample = 0; sample < 99; sample++) store.record(beats, 5, clock.now());
    await minutes(1);
    expect([stateOf('all'), stateOf('enough')]).toEqual(['ALARM', 'INSUFFICIENT_DATA']);
    for (let sample = 0; sample < 100; sample++) store.record(beats, 5, clock.now());
    await minutes(1);
    expect(stateOf('enough')).toBe('ALARM');
  });

  it('made of others follows them in the same minute', async () => {
    start([
      alarmOf('beating'),
      silent(),
      compositeOf('any', 'ALARM("beating") OR ALARM(silent)'),
      compositeOf('top', 'OK(any)'),
    ]);
    await minutes(3, 0.5);
    expect([stateOf('any'), stateOf('top')]).toEqual(['ALARM', 'OK']);
    await minutes(3, 1);
    expect(told.filter((line) => !line.includes('silent'))).toEqual([
      '00:01 top INSUFFICIENT_DATA -> ALARM',
      '00:03 any OK -> ALARM',
      '00:03 top ALARM -> OK',
      '00:04 beating OK -> ALARM',
    ]);
  });
});

describe('a clock that is moved', () => {
  it('leaves no minute unjudged, however far it goes', async () => {
    start([silent()]);
    store.record(beats, 1, clock.now());
    clock.advance(20 * 60_000);
    store.record(beats, 1, clock.now());
    await running.catchUp();
    expect(told).toEqual(['00:06 silent OK -> ALARM']);
    expect(sampled).toHaveLength(20);
    await minutes(1);
    expect(told[1]).toBe('00:21 silent ALARM -> OK');
  });

  it('is noticed without being told', async () => {
    start([alarmOf('beating')], { tickMs: 5 });
    store.record(beats, 1, clock.now());
    Atomics.add(new BigInt64Array(clock.buffer), 0, 60_000n);
    await eventually(() => expect(stateOf('beating')).toBe('ALARM'));
    expect(told).toEqual(['00:01 beating INSUFFICIENT_DATA -> ALARM']);
  });

  it('takes minutes that were left out as if they had not been', async () => {
    start([silent()]);
    for (let stop = 0; stop < 8; stop++) {
      store.record(beats, 1, clock.now());
      running.leaveOut(clock.now() + 24 * 60_000);
      clock.advance(24 * 60_000);
      await running.catchUp();
    }
    expect(sampled).toHaveLength(8);
    expect(stateOf('silent')).toBe('OK');
    for (let stop = 0; stop < 6; stop++) {
      running.leaveOut(clock.now() + 24 * 60_000);
      clock.advance(24 * 60_000);
      await running.catchUp();
    }
    expect(told).toEqual([expect.stringContaining('silent OK -> ALARM')]);
  });

  it('over more than a day evaluates the last day of it', async () => {
    start([silent()]);
    store.record(beats, 1, clock.now());
    clock.advance(3 * 24 * 3_600_000);
    await running.catchUp();
    expect(sampled).toHaveLength(1440);
    expect(stateOf('silent')).toBe('ALARM');
  });
});

it('goes on with what it knows when something cannot be measured, and says so', async () => {
  start([alarmOf('beating')], { sample: () => Promise.reject(new Error('the emulator is gone')) });
  await minutes(1, 1);
  expect(stateOf('beating')).toBe('ALARM');
  expect(lines).toContain('alarms: not everything could be measured: Error: the emulator is gone');
});

it('evaluates nothing any more once it has stopped', async () => {
  start([alarmOf('beating')]);
  await running.stop();
  await minutes(2, 1);
  expect(stateOf('beating')).toBe('INSUFFICIENT_DATA');
});
