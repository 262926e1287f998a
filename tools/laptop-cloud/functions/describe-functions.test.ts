import { describe, expect, it } from 'vitest';
import type { Assembly } from '../assembly/read-assembly.ts';
import { resolved } from '../provision/fixtures/resolved.ts';
import { describeFunctions } from './describe-functions.ts';

const assembly: Assembly = {
  outDir: '/out',
  stacks: [
    {
      name: 'app',
      parameters: {},
      mappings: {},
      conditions: {},
      outputs: {},
      assets: [
        { objectKey: 'abc.zip', path: '/out/asset.abc', packaging: 'zip' },
        { objectKey: 'app.json', path: '/out/app.template.json', packaging: 'file' },
      ],
    },
  ],
  resources: [],
};
const base = {
  Handler: 'index.handler',
  Runtime: 'nodejs24.x',
  Code: { S3Bucket: 'assets', S3Key: 'abc.zip' },
};
const describeOne = (properties: object) =>
  describeFunctions(assembly, [resolved('AWS::Lambda::Function', 'fn', { ...base, ...properties })]);

describe('describing functions', () => {
  it('takes Lambda’s defaults for what the template leaves out', () => {
    expect(describeOne({})).toEqual([
      {
        name: 'fn',
        codeDir: '/out/asset.abc',
        handler: 'index.handler',
        environment: {},
        timeoutSeconds: 3,
        memoryMb: 128,
      },
    ]);
  });

  it('takes what the template says, variables as strings', () => {
    const properties = {
      Timeout: 330,
      MemorySize: '512',
      Environment: { Variables: { N: 1, B: true, S: 's' } },
      Architectures: ['arm64'],
    };
    expect(describeOne(properties)[0]).toMatchObject({
      timeoutSeconds: 330,
      memoryMb: 512,
      environment: { N: '1', B: 'true', S: 's' },
    });
  });

  it.each([
    ['another runtime', { Runtime: 'python3.13' }, /runs functions of a nodejs runtime only/],
    ['inline code', { Code: { ZipFile: 'exports.handler = 1' } }, /ZipFile/],
    ['an image', { PackageType: 'Image' }, /PackageType/],
    ['layers', { Layers: ['arn:layer'] }, /Layers/],
    [
      'code that is no asset',
      { Code: { S3Key: 'gone.zip' } },
      /app\/It\): gone\.zip is no folder asset of \/out/,
    ],
    ['a single file as code', { Code: { S3Key: 'app.json' } }, /app\.json is no folder asset/],
  ])('refuses %s', (_name, properties, message) => {
    expect(() => describeOne(properties)).toThrow(message);
  });
});
