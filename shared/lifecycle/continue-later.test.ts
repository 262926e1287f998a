import { describe, expect, it } from 'vitest';
import {
  apply,
  cancel,
  claim,
  goOn,
  inState,
  renew,
  report,
  retry,
  start,
  submitted,
} from './fixture-events.ts';
import { timings } from './timings.ts';
import { transition } from './transitions.ts';

describe('an attempt that goes on in a fresh invocation', () => {
  const begun = apply(submitted(), [claim, start + 5], [report, start + 6]);
  const between = apply(begun, [goOn, start + 200_000]);

  it('waits for a worker, its lease given up', () => {
    expect(inState(between, 'PENDING')).toMatchObject({ continues: { startedAt: start + 5 }, attempts: 1 });
    for (const field of ['leaseUntil', 'startedAt', 'cancelRequest'])
      expect(between).not.toHaveProperty(field);
    expect(between.timeline.at(-1)).toMatchObject({
      ...{ state: 'PENDING', at: start + 200_000, attempt: 1, detail: 'goes on in a fresh invocation' },
    });
  });

  it('is the same attempt, under a claim of its own: its number, its begin and its progress stay', () => {
    const again = apply(between, [claim, start + 201_000]);
    expect(again).toMatchObject({ state: 'STARTED', attempts: 1, startedAt: start + 5, claim: 2, lost: 0 });
    expect(again).toMatchObject({
      progress: 50,
      status: 'half',
      leaseUntil: start + 201_000 + timings.lease,
    });
    expect(again).not.toHaveProperty('continues');
    const further = apply(again, [{ ...goOn, claim: 2 }, start + 400_000], [claim, start + 401_000]);
    expect(further).toMatchObject({ attempts: 1, startedAt: start + 5, claim: 3, progress: 50 });
  });

  it('carries along the progress that no write has told yet', () => {
    const progress = { percent: 60, status: 'further' };
    expect(apply(begun, [{ ...goOn, progress }, start + 7])).toMatchObject({
      progress: 60,
      status: 'further',
    });
  });

  it('is fenced off: what its first part writes afterwards is refused', () => {
    const again = apply(between, [claim, start + 201_000]);
    for (const record of [between, again]) {
      for (const event of [renew, report, retry, goOn]) {
        expect(transition(record, event, start + 201_001)).toEqual({ refused: 'claim-lost' });
      }
    }
  });

  it('keeps its begin when its next worker is lost', () => {
    const lost = apply(between, [claim, start + 201_000], [claim, start + 201_000 + timings.lease]);
    expect(lost).toMatchObject({ attempts: 1, startedAt: start + 5, claim: 3, lost: 1 });
  });

  it('counts lost workers anew: they did not keep it from coming further', () => {
    const lost = apply(begun, [claim, start + 50_000 + timings.lease]);
    expect(lost).toMatchObject({ claim: 2, lost: 1 });
    expect(apply(lost, [{ ...goOn, claim: 2 }, start + 200_000])).toMatchObject({
      state: 'PENDING',
      lost: 0,
    });
  });

  it('that fails at last is followed by an attempt with a begin of its own', () => {
    const failed = apply(between, [claim, start + 201_000], [{ ...retry, claim: 2 }, start + 202_000]);
    expect(failed).toMatchObject({ state: 'RETRY', attempts: 1, startedAt: start + 5 });
    const next = apply(failed, [claim, start + 270_000]);
    expect(next).toMatchObject({ attempts: 2, startedAt: start + 270_000 });
  });

  it('ends CANCELLED instead when somebody asked for that', () => {
    const ended = apply(begun, [cancel, start + 7], [goOn, start + 8]);
    expect(ended).toMatchObject({ state: 'CANCELLED', startedAt: start + 5 });
    expect(apply(between, [cancel, start + 200_001])).toMatchObject({
      state: 'CANCELLED',
      startedAt: start + 5,
    });
  });
});
