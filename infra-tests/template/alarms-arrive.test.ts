import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { declareStacks } from '#cdk/stacks/declare-stacks.ts';
import { alarmsInWords } from './alarm-words.ts';
import { appOf, named, ofType, synthesise, temporaryOutput } from './synthesise.ts';

const statement = z.looseObject({ Effect: z.string(), Action: z.union([z.string(), z.array(z.string())]) });
const policy = z.object({ Statement: z.array(statement) });

const cloudWatchOfThisAccount = {
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Condition: { StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' } },
};

describe.each(['dev', 'staging', 'prod'])('%s: an alarm arrives', (name) => {
  const stage = synthesise(name);
  const topic = named(stage, 'AWS::SNS::Topic', 'AlarmsTopic');

  it('every alarm tells the topic when it goes on and when it ends', () => {
    for (const { tells } of alarmsInWords(stage, name))
      expect(tells).toEqual([['AlarmsTopic'], ['AlarmsTopic']]);
    for (const { properties } of stage.resources.filter(
      ({ type }) => type === 'AWS::CloudWatch::CompositeAlarm',
    )) {
      expect(properties).toMatchObject({ AlarmActions: ['AlarmsTopic'], OKActions: ['AlarmsTopic'] });
    }
    expect(stage.outputs['AlarmTopicArn']).toBe('AlarmsTopic');
  });

  it('the topic lets in CloudWatch of this account, and nobody without TLS', () => {
    const { properties } = named(stage, 'AWS::SNS::TopicPolicy', 'AlarmsTopicPolicy');
    expect(properties['Topics']).toEqual(['AlarmsTopic']);
    const { Statement: statements } = policy.parse(properties['PolicyDocument']);
    expect(statements).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Action: 'sns:Publish',
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      expect.objectContaining({
        ...{ Effect: 'Allow', Action: 'sns:Publish', Resource: 'AlarmsTopic' },
        ...cloudWatchOfThisAccount,
      }),
    ]);
  });

  it('whoever encrypts the topic lets in CloudWatch of this account too', () => {
    if (name === 'dev') {
      // Nothing encrypts it but SNS itself, with keys of its own: a key of ours costs more than all else in dev.
      expect(topic.properties).not.toHaveProperty('KmsMasterKeyId');
      expect(stage.resources.filter(({ type }) => type === 'AWS::KMS::Key')).toEqual([]);
      return;
    }
    expect(topic.properties['KmsMasterKeyId']).toBe('AlarmsKey.Arn');
    const key = named(stage, 'AWS::KMS::Key', 'AlarmsKey');
    expect(key.properties['EnableKeyRotation']).toBe(true);
    expect(key.deletionPolicy).toBe(name === 'prod' ? 'Retain' : 'Delete');
    expect(policy.parse(key.properties['KeyPolicy']).Statement).toContainEqual({
      ...{ Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*' },
      ...cloudWatchOfThisAccount,
    });
  });
});

describe('e-mail', () => {
  const infos = (flags: Record<string, string>, stage = 'prod') => {
    using output = temporaryOutput();
    const { stateful } = declareStacks(appOf(output.outdir, stage, flags));
    return Annotations.fromStack(stateful).findInfo('*', Match.stringLikeRegexp('no alarm reaches anybody'));
  };

  it('is sent to the address that the context names', () => {
    const stage = synthesise('prod', { alarmEmail: 'ops@example.com' });
    expect(ofType(stage, 'AWS::SNS::Subscription').map(({ properties }) => properties)).toEqual([
      { Protocol: 'email', Endpoint: 'ops@example.com', TopicArn: 'AlarmsTopic' },
    ]);
    expect(infos({ alarmEmail: 'ops@example.com' })).toEqual([]);
  });

  it('is sent to nobody else; prod says so at synth', () => {
    expect(synthesise('prod').resources.filter(({ type }) => type === 'AWS::SNS::Subscription')).toEqual([]);
    expect(infos({})).toHaveLength(1);
    expect(infos({}, 'dev')).toEqual([]);
  });

  it.each(['ops', 'a@example.com,b@example.com', ''])('refuses "%s"', (alarmEmail) => {
    expect(() => synthesise('prod', { alarmEmail })).toThrow('give -c alarmEmail= one e-mail address');
  });
});

it('refuses a choice of alarms that does not exist', () => {
  expect(() => synthesise('dev', { alarms: 'none' })).toThrow(
    'alarms "none" is unknown: give -c alarms= one of essential, all',
  );
});
