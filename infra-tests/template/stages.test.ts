import { describe, expect, it } from 'vitest';
import { ofType, synthesise } from './synthesise.ts';

const kept = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup'];

describe('prod', () => {
  const prod = synthesise('prod');

  it('refuses to be deleted', () => {
    expect(prod.terminationProtection).toEqual([true, true]);
    for (const { properties } of ofType(prod, 'AWS::DynamoDB::Table')) {
      expect(properties).toMatchObject({ DeletionProtectionEnabled: true });
    }
  });

  it('keeps data and logs when a stack or a resource goes', () => {
    for (const { deletionPolicy, updateReplacePolicy } of kept.flatMap((type) => ofType(prod, type))) {
      expect([deletionPolicy, updateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
  });

  it('keeps logs for three months', () => {
    for (const { properties } of ofType(prod, 'AWS::Logs::LogGroup')) {
      expect(properties['RetentionInDays']).toBe(90);
    }
  });
});

describe.each(['dev', 'staging'])('%s', (name) => {
  const stage = synthesise(name);

  it('goes without a trace', () => {
    expect(stage.terminationProtection).toEqual([false, false]);
    for (const { deletionPolicy } of kept.flatMap((type) => ofType(stage, type))) {
      expect(deletionPolicy).toBe('Delete');
    }
  });

  it('names itself in functions, alarms and secrets', () => {
    for (const { properties } of ofType(stage, 'AWS::Lambda::Function')) {
      expect(properties).toMatchObject({ Environment: { Variables: { STAGE: name } } });
    }
    expect(stage.text).toContain(`"celeriac-${name}-default-dead-letters"`);
    expect(stage.text).toContain(`/celeriac/${name}/mapbox-token`);
  });
});

it('is dev when no stage is named', () => {
  expect(synthesise().text).toBe(synthesise('dev').text);
});

it('refuses a stage that does not exist, naming those that do', () => {
  expect(() => synthesise('prd')).toThrow('stage "prd" is unknown: give -c stage= one of dev, staging, prod');
});
