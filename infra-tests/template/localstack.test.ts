import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { localstackImage } from './localstack-image.ts';
import { named, ofType, type SynthesisedStage, synthesise } from './synthesise.ts';

const stage = synthesise('dev', { emulator: 'localstack' });
const project = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, project), 'utf8');

/** What the image could not make of a stage, one line each. */
function tooMuch({ resources }: SynthesisedStage): string[] {
  return resources.flatMap(({ name, type, properties }) => {
    const known = localstackImage[type];
    if (known === undefined) return [`${name} is a ${type}`];
    const { takes, forgets = [] } = known;
    const others = Object.keys(properties).filter((property) => ![...takes, ...forgets].includes(property));
    return others.map((property) => `${name} has ${property}`);
  });
}

describe('the variant for LocalStack', () => {
  it('holds only types and properties that the image knows', () => {
    expect(tooMuch(stage)).toEqual([]);
  });

  it.each(['staging', 'prod'])('does so as %s too', (name) => {
    expect(tooMuch(synthesise(name, { emulator: 'localstack' }))).toEqual([]);
  });

  it('differs from what AWS gets, which the image could not take', () => {
    const types = tooMuch(synthesise('dev')).map((line) => line.split(' ').at(-1));
    expect(types).toContain('AWS::ApiGatewayV2::Api');
  });

  it('answers at an address of the API function’s own', () => {
    const [url] = ofType(stage, 'AWS::Lambda::Url');
    expect(url?.properties).toEqual({ AuthType: 'NONE', TargetFunctionArn: 'HttpApiFunction.Arn' });
    expect(Object.keys(stage.outputs)).toContain('ApiUrl');
    expect(stage.text).toMatch(/"Fn::Split":\["\/",\{"Fn::GetAtt":\["HttpApiUrl\w*","FunctionUrl"\]/);
  });

  it('signs addresses under the one host whose buckets LocalStack knows by name', () => {
    for (const { properties } of ofType(stage, 'AWS::Lambda::Function')) {
      expect(properties).toMatchObject({
        Environment: {
          Variables: { AWS_ENDPOINT_URL_S3: 'http://s3.localhost.localstack.cloud:4566' },
        },
      });
    }
  });

  it('has all queues, functions, tables and rules that AWS has', () => {
    const alike = ['AWS::SQS::Queue', 'AWS::Lambda::Function', 'AWS::DynamoDB::Table', 'AWS::Events::Rule'];
    for (const type of alike) {
      const names = (of: SynthesisedStage) => ofType(of, type).map(({ name }) => name);
      expect(names(stage)).toEqual(names(synthesise('dev')));
    }
  });
});

describe('LocalStack’s guide', () => {
  const guide = read('docs/localstack.md');

  it('tells of each property that the image forgets', () => {
    const used = new Set(stage.resources.map(({ type }) => type));
    const forgotten = Object.entries(localstackImage).flatMap(([type, { forgets = [] }]) =>
      used.has(type) ? forgets : [],
    );
    for (const property of forgotten) expect(guide).toContain(`\`${property}\``);
  });

  it('starts the one image that the list is of', () => {
    const image = /^ +image: (\S+)$/m.exec(read('compose.localstack.yaml'))?.[1];
    expect(image).toBe('localstack/localstack:4.14.0');
    expect(read('infra-tests/template/localstack-image.ts')).toContain(image);
    expect(guide).toContain(image);
  });

  it('names the outputs that are there', () => {
    const outputs = [...guide.matchAll(/`(\w+(?:Url|Name))`/g)].map((match) => match[1]);
    expect(outputs.length).toBeGreaterThan(1);
    for (const output of outputs) expect(Object.keys(stage.outputs)).toContain(output);
  });

  it('gives the parameter under the name that the worker reads', () => {
    const worker = named(stage, 'AWS::Lambda::Function', 'DefaultWorkerFunction');
    const { MAPBOX_TOKEN_PARAMETER: parameter } = z
      .object({ Variables: z.object({ MAPBOX_TOKEN_PARAMETER: z.string() }) })
      .parse(worker.properties['Environment']).Variables;
    expect(guide).toContain(`--name ${parameter} `);
  });
});
