import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { permissionsOf } from './permissions.ts';
import { named, ofType, type SynthesisedStage, synthesise } from './synthesise.ts';

const variables = (stage: SynthesisedStage, fn: string) =>
  z
    .object({ Variables: z.record(z.string(), z.string()) })
    .parse(named(stage, 'AWS::Lambda::Function', fn).properties['Environment']).Variables;

const lambdaPermissions = (stage: SynthesisedStage) =>
  permissionsOf(stage)
    .filter(({ action }) => action.startsWith('lambda:'))
    .sort((a, b) => (`${a.action} ${a.resource}` < `${b.action} ${b.resource}` ? -1 : 1));

/** In either mode: whoever asks what a raster's header tells waits for it. */
const looksAtRasters = {
  fn: 'HttpApiFunction',
  action: 'lambda:InvokeFunction',
  resource: 'GeoProcessingWorkerFunction.Arn',
};

describe('async, which every stage is by itself', () => {
  const stage = synthesise();

  it.each(['dev', 'staging', 'prod'])('%s', (name) => {
    expect(variables(synthesise(name), 'HttpApiFunction')).toMatchObject({ EXECUTION_MODE: 'async' });
  });

  it('lets the API ask after the consumer of the default queue, of which it is told, and after no other', () => {
    const told = variables(stage, 'HttpApiFunction')['CONSUMER_MAPPING_ID'] ?? '';
    expect(named(stage, 'AWS::Lambda::EventSourceMapping', told).properties).toMatchObject({
      EventSourceArn: 'DefaultQueue.Arn',
    });
    expect(lambdaPermissions(stage)).toEqual([
      {
        fn: 'HttpApiFunction',
        action: 'lambda:GetEventSourceMapping',
        resource: expect.stringMatching(new RegExp(`^arn:.*:event-source-mapping:${told}$`)),
      },
      looksAtRasters,
    ]);
  });

  it('lets the API invoke no worker but the one that looks at rasters', () => {
    expect(Object.keys(variables(stage, 'HttpApiFunction'))).not.toContain('WORKER_DEFAULT_FUNCTION');
  });
});

describe('inline', () => {
  const stage = synthesise('prod', { executionMode: 'inline' });

  it('lets the API invoke the workers, of which it is told, and nothing else', () => {
    expect(variables(stage, 'HttpApiFunction')).toMatchObject({
      EXECUTION_MODE: 'inline',
      WORKER_DEFAULT_FUNCTION: 'DefaultWorkerFunction',
      WORKER_GEO_PROCESSING_FUNCTION: 'GeoProcessingWorkerFunction',
    });
    expect(lambdaPermissions(stage)).toEqual([
      { fn: 'HttpApiFunction', action: 'lambda:InvokeFunction', resource: 'DefaultWorkerFunction.Arn' },
      looksAtRasters,
    ]);
  });

  it('lets the API find failed tasks all the same, which it redrives', () => {
    const found = permissionsOf(stage).filter(({ resource }) => resource.endsWith('/index/attention'));
    expect(found.map(({ fn }) => fn)).toContain('HttpApiFunction');
  });

  it('keeps the consumers, which run what the reconciler sends', () => {
    const mappings = ofType(stage, 'AWS::Lambda::EventSourceMapping');
    expect(mappings.map(({ properties }) => properties['EventSourceArn']).sort()).toEqual([
      'DefaultQueue.Arn',
      'GeoProcessingQueue.Arn',
      'PriorityQueue.Arn',
    ]);
    for (const { properties } of mappings) expect(properties['Enabled'] ?? true).toBe(true);
  });
});

it('is nothing else, and says what it may be', () => {
  expect(() => synthesise('dev', { executionMode: 'eager' })).toThrow(
    'executionMode "eager" is unknown: give -c executionMode= one of async, inline',
  );
});
