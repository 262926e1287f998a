import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { attentionIndex, timelineIndex } from '#shared/aws/table-schema.ts';
import { assumed, capacityRows, ceilings, type DeployedCapacity, millionCosts, words } from './capacity.ts';
import { named, ofType, synthesise } from './synthesise.ts';

const prod = synthesise('prod');
const document = readFileSync(new URL('../../docs/capacity.md', import.meta.url), 'utf8');

function deployedCapacity(): DeployedCapacity {
  const mapping = ofType(prod, 'AWS::Lambda::EventSourceMapping').find(({ properties }) =>
    JSON.stringify(properties['EventSourceArn']).includes('DefaultQueue'),
  );
  const { BatchSize, ScalingConfig } = z
    .looseObject({ BatchSize: z.number(), ScalingConfig: z.object({ MaximumConcurrency: z.number() }) })
    .parse(mapping?.properties);
  const memory = ['DefaultWorkerFunction', 'HttpApiFunction'].map(
    (name) => named(prod, 'AWS::Lambda::Function', name).properties['MemorySize'],
  );
  expect(memory[0]).toBe(memory[1]);
  return {
    batchSize: BatchSize,
    maxConcurrency: ScalingConfig.MaximumConcurrency,
    memorySize: z.number().parse(memory[0]),
  };
}

describe('docs/capacity.md', () => {
  const deployed = deployedCapacity();

  it('has the table that the template and the key design amount to', () => {
    const rows = document.split('\n').filter((line) => /^\| 1[0,]* \| [\d,]+ – /.test(line));
    expect(rows).toEqual(capacityRows([1, 10, 100, 1000, 10_000], deployed));
  });

  it('has the ceilings that they amount to', () => {
    for (const [what, rate] of Object.entries(ceilings(deployed))) {
      expect(document).toMatch(new RegExp(`^\\| ${what} \\|.* \\| ${words(rate)} \\|$`, 'm'));
    }
  });

  it('names what is assumed', () => {
    const { apiMs, recordingMs, processorMs, reconcileMs, logBytes } = assumed;
    const told = [
      ...[apiMs, recordingMs, processorMs, reconcileMs].map((ms) => `${ms} ms`),
      ...Object.values(logBytes).map((bytes) => `${words(bytes)} bytes`),
    ];
    expect(told.filter((each) => !document.includes(each))).toEqual([]);
  });

  it('says what a million tasks cost, within what docs/costs.md says', () => {
    const dollars = [1, deployed.batchSize].map((batch) => millionCosts(100, batch, deployed).toFixed(1));
    expect(document).toContain(`$${dollars[1]} to $${dollars[0]} a million`);
    const costs = readFileSync(new URL('../../docs/costs.md', import.meta.url), 'utf8');
    const [, about] = /about \$(\d+) per million short tasks/.exec(costs) ?? [];
    expect(Number(dollars[0])).toBeLessThanOrEqual(Number(about));
    expect(Number(dollars[0])).toBeGreaterThan(0.75 * Number(about));
  });

  it('names the indexes as the code does', () => {
    for (const { name } of [attentionIndex, timelineIndex]) expect(document).toContain(`\`${name}\``);
  });
});
