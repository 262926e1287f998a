import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../memory/seeded-random.ts';
import { parseRate } from '../tasks/rate-limit.ts';
import { passGate, type RateGate, spacingOf } from './rate-gate.ts';
import { timings } from './timings.ts';

/** What the worker and the queue do with tasks of one rate limit; times in milliseconds. */
interface Traffic {
  readonly rate: string;
  /** When each task's first message comes. */
  readonly arrivals: readonly number[];
  /** A delayed message comes up to this much late. */
  readonly lateness: number;
  /** Between the gate and the start that counts lie up to two seconds. */
  readonly jitter: number;
  readonly seed: number;
}

interface Asking {
  readonly task: number;
  readonly at: number;
  /** When the worker received its message. */
  readonly since: number;
  readonly hasTurn: boolean;
  readonly order: number;
}

/** Lets the tasks ask a gate as a worker asks it, each again when it was put off; tells what became of each. */
function run({ rate, arrivals, lateness, jitter, seed }: Traffic): { start: number; snoozes: number }[] {
  const spacing = spacingOf(parseRate(rate));
  const random = seededRandom(seed);
  const tasks = arrivals.map(() => ({ start: Number.NaN, snoozes: 0 }));
  let gate: RateGate | null = null;
  let asking = arrivals.map((at, task) => ({ task, at, since: at, hasTurn: false, order: random() }));
  for (let steps = 0; asking.length > 0; steps++) {
    if (steps > 100_000) throw new Error('some task starves');
    const next: Asking = asking.reduce((a, b) =>
      b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a,
    );
    asking = asking.filter((other) => other !== next);
    const task = tasks[next.task];
    const decision = passGate(gate, next.hasTurn, spacing, next.at);
    gate = decision.gate;
    if (task === undefined) continue;
    if (decision.kind === 'start') {
      task.start = next.at + Math.floor(random() * (jitter + 1));
      continue;
    }
    expect(decision.until).toBeGreaterThan(next.at);
    const again = { task: next.task, hasTurn: true, order: random() };
    if (decision.until <= next.since + timings.gateWait) {
      asking.push({ ...again, at: decision.until, since: next.since });
      continue;
    }
    task.snoozes++;
    // Queues delay by whole seconds.
    const hidden = Math.ceil((decision.until - next.at) / 1000) * 1000;
    const at = next.at + hidden + Math.floor(random() * (lateness + 1));
    asking.push({ ...again, at, since: at });
  }
  return tasks;
}

/** The most starts that any window of this length sees, its end not included. */
function mostWithin(starts: readonly number[], windowMs: number): number {
  const sorted = starts.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, at] of sorted.entries()) {
    while (at - (sorted[first] ?? at) >= windowMs) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

const rate = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom('s', 'm', 'h'));
const arrivals = fc
  .record({ count: fc.integer({ min: 1, max: 60 }), span: fc.constantFrom(0, 500, 10_000, 600_000) })
  .chain(({ count, span }) =>
    fc.array(fc.integer({ min: 0, max: span }), { minLength: count, maxLength: count }),
  );
const traffic = (lateness: fc.Arbitrary<number>) =>
  fc.record({ rate, arrivals, lateness, jitter: fc.constantFrom(0, 2000), seed: fc.nat() });

/** The time over which a rate holds, and how many starts it allows in that time. */
function allowance([count, unit]: readonly [number, string]): { windowMs: number; most: number } {
  // A rate by the second is held over a minute.
  if (unit === 's') return { windowMs: 60_000, most: count * 60 };
  return { windowMs: unit === 'm' ? 60_000 : 3_600_000, most: count };
}

describe('the gate of a rate limit', () => {
  it('lets no window of a period see more starts than the rate allows, and everybody start at last', () => {
    const any = traffic(fc.constantFrom(0, 1000, 30_000, 600_000));
    fc.assert(
      fc.property(any, ({ rate: [count, unit], ...rest }) => {
        const starts = run({ ...rest, rate: `${count}/${unit}` }).map(({ start }) => start);
        expect(starts.every(Number.isFinite)).toBe(true);
        const { windowMs, most } = allowance([count, unit]);
        expect(mostWithin(starts, windowMs)).toBeLessThanOrEqual(most);
      }),
      { numRuns: 400, seed: 20_261_121 },
    );
  });

  it('puts each task off twice at most when messages come within a second of their time', () => {
    const seen = new Set<number>();
    fc.assert(
      fc.property(traffic(fc.constantFrom(0, 250, 1000)), ({ rate: [count, unit], ...rest }) => {
        for (const { snoozes } of run({ ...rest, rate: `${count}/${unit}` })) {
          expect(snoozes).toBeLessThanOrEqual(2);
          seen.add(snoozes);
        }
      }),
      { numRuns: 400, seed: 20_261_121 },
    );
    expect(seen.has(1)).toBe(true);
  });

  it.each([
    ['10/m', 60, 10],
    ['100/h', 300, 100],
    ['2/s', 240, 120],
  ])('wastes little of %s: a waiting crowd starts as fast as the rate allows', (text, tasks, most) => {
    const starts = run({
      ...{ rate: text, arrivals: Array<number>(tasks).fill(0), lateness: 0, jitter: 0, seed: 1 },
    }).map(({ start }) => start);
    const last = Math.max(...starts);
    const { periodMs } = parseRate(text);
    const ideal = ((tasks - 1) / most) * Math.max(periodMs, 60_000);
    expect(last).toBeLessThan(ideal * 1.04 + 5000);
  });

  it('lets tasks start in the order in which they came to it', () => {
    const spread = Array.from({ length: 30 }, (_, index) => index * 10);
    const tasks = run({ rate: '10/m', arrivals: spread, lateness: 0, jitter: 0, seed: 1 });
    const starts = tasks.map(({ start }) => start);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  it('does not let a newcomer pass those who wait, open as it may be', () => {
    const gate = { opensAt: 1000, lineEndsAt: 9000 };
    expect(passGate(gate, false, 100, 2000)).toEqual({
      ...{ kind: 'wait', until: 9000, gate: { opensAt: 1000, lineEndsAt: 9100 } },
    });
    expect(passGate(gate, true, 100, 2000)).toEqual({
      ...{ kind: 'start', gate: { opensAt: 2100, lineEndsAt: 9000 } },
    });
    expect(passGate(gate, true, 100, 999)).toEqual({ kind: 'wait', until: 1000, gate });
  });

  it('is open to the first who ever comes, and at once again after a pause', () => {
    expect(passGate(null, false, 100, 5000)).toMatchObject({ kind: 'start', gate: { opensAt: 5100 } });
    const old = { opensAt: 5100, lineEndsAt: 5100 };
    expect(passGate(old, false, 100, 5099)).toMatchObject({ kind: 'wait', until: 5100 });
    expect(passGate(old, false, 100, 5100)).toMatchObject({ kind: 'start' });
  });
});

describe('a line of tasks that are gone', () => {
  const spacing = spacingOf(parseRate('10/m'));
  const crowd = { opensAt: 0, lineEndsAt: 1000 * spacing };

  it('keeps a newcomer out no longer than the gate has stood open for two turns', () => {
    const longest = Math.max(2 * spacing, timings.grace);
    expect(passGate(crowd, false, spacing, longest)).toMatchObject({ kind: 'wait' });
    const next = longest + 1 + spacing;
    expect(passGate(crowd, false, spacing, longest + 1)).toEqual({
      kind: 'start',
      gate: { opensAt: next, lineEndsAt: next },
    });
  });
});
