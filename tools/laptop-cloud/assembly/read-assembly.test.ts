import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAssembly } from './fixtures/write-assembly.ts';
import { refuseUnknownTypes } from './known-types.ts';
import { readAssembly } from './read-assembly.ts';

let outDir: string;
beforeEach(() => {
  outDir = mkdtempSync(join(tmpdir(), 'celeriac-assembly-'));
});
afterEach(() => rmSync(outDir, { recursive: true }));

describe('reading an assembly', () => {
  it('leaves out what a condition rules out', () => {
    const never = { Condition: 'Never' };
    writeAssembly(outDir, {
      app: {
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
        Resources: { On: { Type: 'AWS::SNS::Topic' }, Off: { Type: 'AWS::SNS::Topic', ...never } },
        Outputs: { On: { Value: 1, Export: { Name: 'n' } }, Off: { Value: 2, ...never } },
      },
    });
    const { stacks, resources } = readAssembly(outDir);
    expect(resources).toEqual([{ stack: 'app', logicalId: 'On', type: 'AWS::SNS::Topic', properties: {} }]);
    expect(stacks[0]?.outputs).toEqual({ On: { value: 1, exportName: 'n' } });
  });

  it('says so when there is no assembly', () => {
    expect(() => readAssembly(outDir)).toThrow(/manifest\.json cannot be read as JSON: synthesise anew/);
  });

  it('names the file that is not as cdk writes it', () => {
    writeAssembly(outDir, { app: { Resources: { Odd: { Properties: {} } } } });
    expect(() => readAssembly(outDir)).toThrow(/app\.template\.json is not as cdk writes it:\n.*/);
  });

  it('refuses nested stages', () => {
    const artifacts = { 'assembly-Prod': { type: 'cdk:cloud-assembly', properties: { directoryName: 'x' } } };
    writeFileSync(join(outDir, 'manifest.json'), JSON.stringify({ artifacts }));
    expect(() => readAssembly(outDir)).toThrow(/assembly-Prod is a nested stage/);
  });
});

describe('known types', () => {
  const resource = (type: string) => ({ stack: 'app', logicalId: 'It', type, properties: {} });

  it('pass', () => {
    refuseUnknownTypes([resource('AWS::SQS::Queue'), resource('AWS::IAM::Role')]);
  });

  it('are all that pass: each other one is named in a line', () => {
    const resources = ['AWS::SQS::Queue', 'AWS::EC2::VPC', 'Custom::Thing'].map(resource);
    expect(() => refuseUnknownTypes(resources)).toThrow(
      [
        'AWS::EC2::VPC (app/It) is not known to the laptop cloud: add it to tools/laptop-cloud/assembly/known-types.ts and to the part that runs it',
        'Custom::Thing (app/It) is not known to the laptop cloud: add it to tools/laptop-cloud/assembly/known-types.ts and to the part that runs it',
      ].join('\n'),
    );
  });
});
