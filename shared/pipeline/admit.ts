import { expiryOf } from '../lifecycle/expire.ts';
import { passGate, rateGate, spacingOf } from '../lifecycle/rate-gate.ts';
import type { Snooze } from '../lifecycle/snooze.ts';
import { isRunning, type TaskRecord } from '../lifecycle/task-record.ts';
import { timings } from '../lifecycle/timings.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { TaskSpec } from '../tasks/define-task.ts';
import { parseRate } from '../tasks/rate-limit.ts';
import { changeLimit } from './change-limit.ts';
import { giveBackSlot, takeSlot } from './concurrency-slots.ts';

/** Whether the limits of a task let it start now; `leave` gives back what it has taken of them. */
export type Admission =
  | { readonly kind: 'start'; leave(): Promise<void> }
  | ({ readonly kind: 'wait' } & Omit<Snooze, 'epoch'>);

/** The admission of what no limit concerns. */
export const unlimited: Admission = { kind: 'start', leave: async () => undefined };

/**
 * Asks the limits of a task before it is claimed: the concurrency key first, because a start that the rate has counted
 * cannot be taken back. A lost worker's task and one that goes on start no attempt, so the rate does not count them.
 * Throws LimitContended and what the stores throw.
 */
export async function admit(ports: PipelinePorts, spec: TaskSpec, record: TaskRecord): Promise<Admission> {
  const place = await takePlace(ports, spec, record);
  const { rateLimit } = spec;
  if (place.kind === 'wait' || rateLimit === undefined || !startsAttempt(record)) return place;
  let starts = false;
  try {
    const until = await waitForRate(ports, { ...spec, rateLimit }, record);
    starts = until === null;
    return until === null ? place : { kind: 'wait', until, waitsFor: 'rate-limit', hasTurn: true };
  } finally {
    if (!starts) await place.leave();
  }
}

async function takePlace(ports: PipelinePorts, spec: TaskSpec, record: TaskRecord): Promise<Admission> {
  const { concurrencyKey: key } = record;
  if (!spec.concurrency || key === null) return unlimited;
  const slot = await takeSlot(ports, key, spec.concurrency.most, record);
  if (slot !== null) return { kind: 'start', leave: () => giveBackSlot(ports, key, slot) };
  const snoozes = 'snoozes' in record ? record.snoozes : 0;
  const pause = Math.min(timings.snoozeCap, timings.snoozeFirst * 2 ** snoozes);
  // Spread over half of the pause: those who were refused together must not come back together.
  const until = ports.clock.now() + Math.ceil(pause * (0.75 + ports.random() / 2));
  return { kind: 'wait', until, waitsFor: 'concurrency', hasTurn: hasTurn(record) };
}

/** Whether to run a task now is to begin an attempt, which its rate limit counts. */
export function startsAttempt(record: TaskRecord): boolean {
  return !isRunning(record) && !('continues' in record && record.continues !== null);
}

function hasTurn(record: TaskRecord): boolean {
  return 'hasTurn' in record && record.hasTurn;
}

/** Null to start now; else the time of the task's turn. A gate that opens within seconds is waited for, in all. */
async function waitForRate(
  ports: PipelinePorts,
  spec: TaskSpec & { readonly rateLimit: string },
  record: TaskRecord,
): Promise<number | null> {
  const spacing = spacingOf(parseRate(spec.rateLimit));
  const expiry = expiryOf(record) ?? Number.POSITIVE_INFINITY;
  const waitsUntil = ports.clock.now() + timings.gateWait;
  for (let mayStart = hasTurn(record); ; mayStart = true) {
    const { until } = await changeLimit(ports, `rate/${spec.name}`, (value) => {
      const gate = value === null ? null : rateGate.parse(value);
      const passed = passGate(gate, mayStart, spacing, ports.clock.now());
      if (passed.kind === 'start') return { until: null, next: passed.gate };
      // One that will have expired by then must not keep a turn from others.
      if (passed.until >= expiry) return { until: expiry, next: undefined };
      return { until: passed.until, next: mayStart ? undefined : passed.gate };
    });
    if (until === null || until > waitsUntil) return until;
    await new Promise<void>((resolve) => ports.clock.after(until - ports.clock.now(), resolve));
  }
}
