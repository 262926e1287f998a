import { beforeEach, describe, expect, it } from 'vitest';
import { createChoices } from '#shared/simulation/choices.ts';
import type { AwsCall } from './aws-call.ts';
import { faultKinds } from './fault-kinds.ts';
import { type FaultPlan, planFaults } from './plan-faults.ts';

let plan: FaultPlan;
beforeEach(() => {
  plan = planFaults(createChoices(1));
  plan.active = true;
});

const putItem: AwsCall = {
  ...{ service: 'DynamoDB', operation: 'PutItem', caller: 'WorkerFunction', request: {} },
};

/** Asks about many calls, one after the other; resolves with the names of what strikes. */
function strike(times: number, change: Partial<AwsCall> = {}): string[] {
  const names: string[] = [];
  for (let n = 0; n < times; n++) {
    const kind = plan.choose({ ...putItem, ...change });
    if (kind === null) continue;
    plan.count(kind);
    names.push(kind.name);
  }
  return names;
}

describe('a plan of faults', () => {
  it('comes to every kind that fits a call, however few calls there are', () => {
    strike(400);
    strike(400, { operation: 'TransactWriteItems' });
    strike(250, { service: 'SQS', operation: 'SendMessage' });
    strike(80, { service: 'S3', operation: 'PUT object' });
    expect([...plan.counts].filter(([, count]) => count === 0)).toEqual([]);
    expect([...plan.counts.keys()]).toEqual(faultKinds.map(({ name }) => name));
  });

  it('strikes reads with what can befall a read only', () => {
    const struck = new Set(strike(2000, { operation: 'GetItem' }));
    expect([...struck].sort()).toEqual([
      'DynamoDB 500',
      'DynamoDB dropped',
      'DynamoDB throttled',
      'DynamoDB throttled by rate',
    ]);
  });

  it('lets most calls pass, and all while it is not active', () => {
    expect(strike(10_000).length).toBeLessThan(1500);
    plan.active = false;
    expect(strike(1000)).toEqual([]);
  });

  it('goes on for several tries of a call now and then', () => {
    const rows = Array.from({ length: 5000 }, () => strike(1)[0]);
    const triple = rows.some((name, n) => name && name === rows[n + 1] && name === rows[n + 2]);
    expect(triple).toBe(true);
  });

  it('leaves alone what is no function’s, but for the event source of Lambda', () => {
    expect(strike(500, { caller: 'celeriac-cli' })).toEqual([]);
    expect(strike(500, { caller: 'laptop-cloud', operation: 'CreateTable' })).toEqual([]);
    const receiving = { service: 'SQS', caller: 'laptop-cloud', operation: 'ReceiveMessage' } as const;
    expect(strike(500, receiving)).not.toEqual([]);
  });
});
