import { describe, expect, it } from 'vitest';
import * as z from 'zod';
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

describe.each(['dev', 'staging', 'prod'])('%s', (name) => {
  it('puts its name and the project on all that can have tags', () => {
    const { tags } = synthesise(name, { githubRepository: 'owner/name' });
    expect(tags).toEqual([1, 2, 3].map(() => ({ project: 'celeriac', stage: name })));
  });
});

describe('DEBUG lines', () => {
  const logging = (name: string) =>
    ofType(synthesise(name), 'AWS::Lambda::Function').map(({ properties }) => {
      const { Variables } = z
        .object({ Variables: z.object({ LOG_LEVEL: z.string(), DEBUG_SAMPLE_RATE: z.string() }) })
        .parse(properties['Environment']);
      const { ApplicationLogLevel } = z
        .object({ ApplicationLogLevel: z.string() })
        .parse(properties['LoggingConfig']);
      return [Variables.LOG_LEVEL, Variables.DEBUG_SAMPLE_RATE, ApplicationLogLevel].join(' ');
    });

  it('are kept for all requests in dev, for one in ten in staging, for one in a hundred in prod', () => {
    expect(new Set(logging('dev'))).toEqual(new Set(['DEBUG 0 DEBUG']));
    // Lambda's own level must let them through.
    expect(new Set(logging('staging'))).toEqual(new Set(['INFO 0.1 DEBUG']));
    expect(new Set(logging('prod'))).toEqual(new Set(['INFO 0.01 DEBUG']));
  });
});

describe('tracing', () => {
  const modes = (name: string, emulator = 'none') =>
    new Set(
      ofType(synthesise(name, { emulator }), 'AWS::Lambda::Function').map(
        ({ properties }) =>
          z.object({ Mode: z.string() }).optional().parse(properties['TracingConfig'])?.Mode,
      ),
    );

  it('is on where requests are somebody’s, and costs nothing in dev', () => {
    expect(modes('dev')).toEqual(new Set([undefined]));
    expect(modes('staging')).toEqual(new Set(['Active']));
    expect(modes('prod')).toEqual(new Set(['Active']));
  });

  it('is off on emulators, which keep no traces', () => {
    expect(modes('prod', 'localstack')).toEqual(new Set([undefined]));
  });
});

describe('a permissions boundary', () => {
  const boundaries = (flags: Record<string, string>) =>
    ofType(synthesise('prod', flags), 'AWS::IAM::Role').map(
      ({ properties }) => properties['PermissionsBoundary'],
    );

  it('bounds every role, those of the deployer too', () => {
    const bounded = boundaries({ permissionsBoundary: 'team/limits', githubRepository: 'owner/name' });
    expect(bounded.length).toBeGreaterThan(5);
    expect(new Set(bounded)).toEqual(new Set(['arn:AWS::Partition:iam::AWS::AccountId:policy/team/limits']));
  });

  it('is on no role where none is named', () => {
    expect(new Set(boundaries({}))).toEqual(new Set([undefined]));
  });
});
