import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { VariableName } from '#shared/env.ts';
import { permissionsOf } from './permissions.ts';
import { named, ofType, synthesise } from './synthesise.ts';

const stage = synthesise();
const functions = ofType(stage, 'AWS::Lambda::Function').map(({ name, properties }) => ({
  name,
  properties,
  variables: z.object({ Variables: z.record(z.string(), z.string()) }).parse(properties['Environment'])
    .Variables,
}));

const everywhere: VariableName[] = ['DEBUG_SAMPLE_RATE', 'LOG_LEVEL', 'PIPELINE_TABLE_NAME', 'STAGE'];
const defaultQueues: VariableName[] = ['QUEUE_DEFAULT_URL', 'QUEUE_PRIORITY_URL'];
const queues: VariableName[] = [...defaultQueues, 'QUEUE_GEO_PROCESSING_URL'];
const defaultDeadLetters: VariableName[] = ['DEAD_LETTER_DEFAULT_URL', 'DEAD_LETTER_PRIORITY_URL'];
const deadLetters: VariableName[] = [...defaultDeadLetters, 'DEAD_LETTER_GEO_PROCESSING_URL'];
const storage: VariableName[] = ['APPLICATION_TABLE_NAME', 'PAYLOAD_BUCKET_NAME'];
const mapbox: VariableName[] = ['MAPBOX_BASE_URL', 'MAPBOX_PERMANENT', 'MAPBOX_TOKEN_PARAMETER'];
const outside: VariableName[] = [...mapbox, 'DISABLE_EXTERNAL_APIS'];

const expectedVariables: Record<string, VariableName[]> = {
  HttpApiFunction: [
    ...[...everywhere, ...queues, ...storage, 'FILE_BUCKET_NAME' as const],
    ...(['CONSUMER_MAPPING_ID', 'EXECUTION_MODE', 'WORKER_GEO_PROCESSING_FUNCTION'] as const),
  ],
  DefaultWorkerFunction: [...everywhere, ...defaultQueues, ...defaultDeadLetters, ...storage, ...outside],
  GeoProcessingWorkerFunction: [
    ...[...everywhere, ...storage, 'FILE_BUCKET_NAME' as const],
    ...(['QUEUE_GEO_PROCESSING_URL', 'DEAD_LETTER_GEO_PROCESSING_URL'] as const),
  ],
  BeatFunction: [...everywhere, 'QUEUE_DEFAULT_URL'],
  ReconcilerFunction: [...everywhere, ...queues, ...deadLetters],
};

const logGroups = ofType(stage, 'AWS::Logs::LogGroup');
const resourceTypes = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SQS::Queue'];
const resources = new Set(resourceTypes.flatMap((type) => ofType(stage, type)).map(({ name }) => name));

describe.each(functions)('$name', ({ name, properties, variables }) => {
  it('runs on Node 24, on ARM', () => {
    expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  });

  it('has the variables that its entry reads', () => {
    expect(Object.keys(variables).sort()).toEqual(expectedVariables[name]?.sort());
  });

  it('is told of exactly the resources that it may use, but for the queue that Lambda itself sends to', () => {
    const told = Object.values(variables).filter((value) => resources.has(value));
    const usable = permissionsOf(stage)
      .filter(({ fn }) => fn === name)
      .map(({ resource }) => resource.replace(/\.Arn.*$/, ''))
      .filter((resource) => resources.has(resource) && resource !== 'UndeliveredEventsQueue');
    expect(told.sort()).toEqual([...new Set(usable)].sort());
  });

  it('is told of exactly the parameters that it may read', () => {
    const told = Object.entries(variables)
      .filter(([variable]) => variable.endsWith('_PARAMETER'))
      .map(([, parameter]) => `arn:AWS::Partition:ssm:AWS::Region:AWS::AccountId:parameter${parameter}`);
    const readable = permissionsOf(stage)
      .filter(({ fn, action }) => fn === name && action === 'ssm:GetParameter')
      .map(({ resource }) => resource);
    expect(told).toEqual(readable);
  });

  it('writes JSON lines to a log group of its own, at the level that its logger has', () => {
    expect(properties['LoggingConfig']).toEqual({
      LogFormat: 'JSON',
      ApplicationLogLevel: variables['LOG_LEVEL'],
      LogGroup: `${name}Logs`,
    });
    expect(logGroups.map((group) => group.name)).toContain(`${name}Logs`);
  });
});

it('lets a worker submit tasks to its own queue', () => {
  const worker = named(stage, 'AWS::Lambda::Function', 'DefaultWorkerFunction');
  expect(worker.properties).toMatchObject({ MemorySize: 512, Timeout: 330, RecursiveLoop: 'Allow' });
});

it('gives geo-rasters the most memory that a new account has, and disk for the largest', () => {
  const worker = named(stage, 'AWS::Lambda::Function', 'GeoProcessingWorkerFunction');
  expect(worker.properties).toMatchObject({
    MemorySize: 3008,
    Timeout: 900,
    EphemeralStorage: { Size: 10_240 },
  });
});

it.each(logGroups)('forgets the lines of $name', ({ properties }) => {
  expect(properties['RetentionInDays']).toBe(14);
});

it('holds no secret: the only one is named, never read, when the template is made', () => {
  expect(stage.text).not.toMatch(
    /\{\{resolve:|NoEcho|\bpk\.[\w-]{20,}|\bsk\.[\w-]{20,}|AKIA[0-9A-Z]{16}|cel_[\w-]{43}/,
  );
  const valued = functions.flatMap(({ variables }) => Object.entries(variables));
  expect(valued.filter(([variable]) => /TOKEN|SECRET|PASSWORD|KEY/.test(variable))).toEqual([
    ['MAPBOX_TOKEN_PARAMETER', '/celeriac/dev/mapbox-token'],
  ]);
});
