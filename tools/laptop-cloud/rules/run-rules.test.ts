import { afterEach, describe, expect, it } from 'vitest';
import { createLaptopClock } from '../clock/laptop-clock.ts';
import type { InvocationResult } from '../functions/function-pool.ts';
import type { RuleDeadLetter, RuleTarget, ScheduledRule } from './fire-rule.ts';
import { parseSchedule } from './parse-schedule.ts';
import { type RuleRunner, type RuleRunnerOptions, runRules } from './run-rules.ts';
import { readTransformer } from './transform-input.ts';

const HOUR = 3_600_000;
const OK: InvocationResult = { ok: true, payload: null };
const NOT_THERE: InvocationResult = {
  ok: false,
  errorType: 'ResourceNotFoundException',
  errorMessage: 'no such function',
};
const REFUSED: InvocationResult = { ok: false, errorType: 'NO_PERMISSIONS', errorMessage: 'not allowed' };
const FAILED: InvocationResult = { ok: false, errorType: 'Error', errorMessage: 'no luck' };

type Call = { functionName: string; event: unknown; now: string };

let running: RuleRunner | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

/** A minute that is ten seconds old, so that a test never straddles one. */
function clockAt(iso: string) {
  const clock = createLaptopClock();
  clock.advance(Date.parse(iso) - clock.now());
  return clock;
}

function ruleOf(
  name: string,
  expression: string,
  given: Partial<ScheduledRule> & { target?: Partial<RuleTarget> } = {},
) {
  const { target, ...rest } = given;
  return {
    name,
    arn: `arn:aws:events:us-east-1:000000000000:rule/${name}`,
    region: 'us-east-1',
    account: '000000000000',
    expression,
    schedule: parseSchedule(expression),
    anchor: Date.parse('2100-01-01T00:00:00Z'),
    enabled: true,
    targets: [{ functionName: 'beat', functionArn: 'arn:beat', maximumRetryAttempts: 0, ...target }],
    ...rest,
  };
}

function start(
  rules: ScheduledRule[],
  given: Partial<RuleRunnerOptions> & { answer?: (call: Call) => InvocationResult } = {},
) {
  const { answer = () => OK, ...options } = given;
  const clock = options.clock ?? clockAt('2100-01-01T00:00:10Z');
  const calls: Call[] = [];
  const letters: RuleDeadLetter[] = [];
  const lines: string[] = [];
  const measured: string[] = [];
  running = runRules({
    rules,
    clock,
    quiet: async () => true,
    invoke: async (functionName, event) => {
      const call = { functionName, event, now: new Date(clock.now()).toISOString() };
      calls.push(call);
      return answer(call);
    },
    sendDeadLetter: async (letter) => {
      letters.push(letter);
    },
    newId: () => 'event-1',
    measure: (rule, event) => measured.push(`${rule} ${event}`),
    log: (line) => lines.push(line),
    ...options,
  });
  return { runner: running, clock, calls, letters, lines, measured };
}

describe('a moved clock', () => {
  it('fires what is due in between, in order, each at its own time', async () => {
    const { runner, calls, clock } = start([
      ruleOf('hourly', 'rate(1 hour)'),
      ruleOf('at-half-past-one', 'cron(30 1 * * ? *)'),
    ]);
    const { fired, coalesced } = await runner.advance(2 * HOUR);
    expect(fired).toEqual([
      { rule: 'hourly', at: '2100-01-01T01:00:00.000Z' },
      { rule: 'at-half-past-one', at: '2100-01-01T01:30:00.000Z' },
      { rule: 'hourly', at: '2100-01-01T02:00:00.000Z' },
    ]);
    expect(coalesced).toEqual([]);
    expect(calls.map((call) => call.now.slice(0, 16))).toEqual([
      '2100-01-01T01:00',
      '2100-01-01T01:30',
      '2100-01-01T02:00',
    ]);
    expect(clock.now()).toBeGreaterThanOrEqual(Date.parse('2100-01-01T02:00:10Z'));
  });

  it('hands over the event of EventBridge, the target’s own input, or what it makes of the event', async () => {
    const transformer = readTransformer({ at: '$.time' }, '{"schedule":"weekly","time":<at>}');
    const { runner, calls } = start([
      ruleOf('plain', 'rate(1 hour)'),
      ruleOf('named', 'rate(1 hour)', { target: { input: { schedule: 'nightly' } } }),
      ruleOf('made', 'rate(1 hour)', { target: { transformer } }),
    ]);
    await runner.advance(HOUR);
    expect(calls.map(({ event }) => event)).toEqual([
      {
        version: '0',
        id: 'event-1',
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account: '000000000000',
        time: '2100-01-01T01:00:00Z',
        region: 'us-east-1',
        resources: ['arn:aws:events:us-east-1:000000000000:rule/plain'],
        detail: {},
      },
      { schedule: 'nightly' },
      { schedule: 'weekly', time: '2100-01-01T01:00:00Z' },
    ]);
  });

  it('waits for quiet before each step, hardly at all once it waited in vain, and says how often', async () => {
    const waits: number[] = [];
    const { runner } = start([ruleOf('hourly', 'rate(1 hour)')], {
      quiet: async (withinMs) => {
        waits.push(withinMs);
        return waits.length !== 2;
      },
    });
    expect(await runner.advance(3 * HOUR)).toMatchObject({ fired: { length: 3 }, busySteps: 1 });
    expect(waits).toEqual([10_000, 10_000, 100, 100]);
  });

  it('is moved by whoever was given for it, who is told whether firings were left out on the way', async () => {
    const clock = clockAt('2100-01-01T00:00:10Z');
    const moves: [string, boolean][] = [];
    const { runner } = start([ruleOf('minutely', 'rate(1 minute)')], {
      clock,
      moveClock: async (ms, leavesOut) => {
        clock.advance(ms);
        moves.push([new Date(clock.now()).toISOString().slice(11, 16), leavesOut]);
      },
    });
    await runner.advance(2 * 60_000);
    expect(moves).toEqual([
      ['00:01', false],
      ['00:02', false],
      ['00:02', false],
    ]);
    await runner.advance(2 * HOUR);
    expect(moves).toHaveLength(3 + 60 + 1);
    expect(moves.slice(3).every(([, leavesOut]) => leavesOut)).toBe(true);
  });

  it('fires nothing twice when moved twice at once', async () => {
    const { runner, calls } = start([ruleOf('hourly', 'rate(1 hour)')]);
    const reports = await Promise.all([runner.advance(HOUR), runner.advance(HOUR)]);
    expect(reports.flatMap(({ fired }) => fired.map(({ at }) => at))).toEqual([
      '2100-01-01T01:00:00.000Z',
      '2100-01-01T02:00:00.000Z',
    ]);
    expect(calls).toHaveLength(2);
  });

  it('leaves a disabled rule alone', async () => {
    const { runner, calls } = start([ruleOf('paused', 'rate(1 minute)', { enabled: false })]);
    expect(await runner.advance(HOUR)).toMatchObject({ fired: [] });
    expect(calls).toEqual([]);
    expect(runner.upcoming()).toMatchObject([{ rule: { name: 'paused' }, at: null }]);
  });
});

describe('time going by', () => {
  it('fires by itself what falls due', async () => {
    const clock = clockAt('2100-01-01T00:59:59.800Z');
    const called = Promise.withResolvers<Call>();
    start([ruleOf('hourly', 'rate(1 hour)')], {
      clock,
      tickMs: 20,
      answer: (call) => {
        called.resolve(call);
        return OK;
      },
    });
    expect((await called.promise).event).toMatchObject({ time: '2100-01-01T01:00:00Z' });
  });
});

describe('a target that fails', () => {
  it('is tried again as often as its retry policy says, and then goes to its dead-letter queue', async () => {
    const target = { maximumRetryAttempts: 2, deadLetterQueueUrl: 'http://127.0.0.1:1/dlq' };
    const { runner, calls, letters } = start([ruleOf('hourly', 'rate(1 hour)', { target })], {
      answer: () => NOT_THERE,
    });
    await runner.advance(HOUR);
    expect(calls).toHaveLength(3);
    expect(letters).toMatchObject([
      {
        queueUrl: 'http://127.0.0.1:1/dlq',
        attributes: {
          RULE_ARN: 'arn:aws:events:us-east-1:000000000000:rule/hourly',
          TARGET_ARN: 'arn:beat',
          ERROR_CODE: 'ResourceNotFoundException',
          ERROR_MESSAGE: 'no such function',
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
          RETRY_ATTEMPTS: '2',
        },
      },
    ]);
    expect(JSON.parse(letters[0]?.body ?? '')).toMatchObject({ time: '2100-01-01T01:00:00Z' });
  });

  it('is recorded at its function’s on-failure destination, when it is the function that fails', async () => {
    const target = {
      maximumRetryAttempts: 2,
      deadLetterQueueUrl: 'unused',
      failureQueueUrl: 'http://1/failed',
    };
    const { runner, letters } = start([ruleOf('hourly', 'rate(1 hour)', { target })], {
      answer: () => FAILED,
    });
    await runner.advance(HOUR);
    expect(letters.map(({ queueUrl, attributes }) => [queueUrl, attributes])).toEqual([
      ['http://1/failed', {}],
    ]);
    expect(JSON.parse(letters[0]?.body ?? '')).toEqual({
      version: '1.0',
      timestamp: '2100-01-01T01:00:00Z',
      requestContext: {
        requestId: 'event-1',
        functionArn: 'arn:beat:$LATEST',
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: expect.objectContaining({ time: '2100-01-01T01:00:00Z' }),
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: 'Error', errorMessage: 'no luck' },
    });
  });

  it('does not go to its dead-letter queue when its function took it and failed', async () => {
    const target = { deadLetterQueueUrl: 'unused' };
    const { runner, letters } = start([ruleOf('hourly', 'rate(1 hour)', { target })], {
      answer: () => FAILED,
    });
    await runner.advance(HOUR);
    expect(letters).toEqual([]);
  });

  it('is not tried again once it succeeds', async () => {
    let attempts = 0;
    const answer = () => {
      attempts += 1;
      return attempts === 2 ? OK : FAILED;
    };
    const target = { maximumRetryAttempts: 5, deadLetterQueueUrl: 'unused' };
    const { runner, letters } = start([ruleOf('hourly', 'rate(1 hour)', { target })], { answer });
    await runner.advance(HOUR);
    expect({ attempts, letters }).toEqual({ attempts: 2, letters: [] });
  });

  it.each([
    [OK, undefined, 'invoked'],
    [FAILED, 'http://127.0.0.1:1/dlq', 'invoked'],
    [{ ...FAILED, errorType: 'ResourceNotFoundException' }, undefined, 'undelivered'],
    [REFUSED, undefined, 'undelivered'],
    [REFUSED, 'http://127.0.0.1:1/dlq', 'sent to dead letters'],
  ])('is measured: %j with the dead-letter queue %s is %s', async (answer, deadLetterQueueUrl, event) => {
    const target = { ...(deadLetterQueueUrl !== undefined && { deadLetterQueueUrl }) };
    const rule = ruleOf('hourly', 'rate(1 hour)', { target });
    const { runner, measured } = start([rule], { answer: () => answer });
    await runner.advance(HOUR);
    expect(measured).toEqual(['hourly triggered', `hourly ${event}`]);
  });

  it('is measured when its dead letter is lost', async () => {
    const target = { deadLetterQueueUrl: 'http://127.0.0.1:1/dlq' };
    const { runner, measured } = start([ruleOf('hourly', 'rate(1 hour)', { target })], {
      answer: () => REFUSED,
      sendDeadLetter: () => Promise.reject(new Error('no such queue')),
    });
    await runner.advance(HOUR);
    expect(measured).toEqual(['hourly triggered', 'hourly dead letter lost']);
  });

  it('says so when nobody takes the dead letter', async () => {
    const { runner, lines } = start([ruleOf('hourly', 'rate(1 hour)')], { answer: () => FAILED });
    await runner.advance(HOUR);
    expect(lines.at(-1)).toBe('rule hourly → beat: given up, and there is no queue for what came to nothing');
  });
});
