import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { ScheduleRules } from '#cdk/constructs/schedule-rules.ts';
import { UndeliveredEvents } from '#cdk/constructs/undelivered-events.ts';
import { readStage } from '#cdk/stages.ts';
import { schedules } from '#functions/registry.ts';
import { healthCheck } from '#functions/toolbox/specs.ts';
import { defineSchedule } from '#shared/schedules/schedule.ts';
import { ofType, synthesise, temporaryOutput } from './synthesise.ts';

const stage = synthesise();

function ruleNamed(name: string) {
  return ofType(stage, 'AWS::Events::Rule').find(({ properties }) => properties['Name'] === name)?.properties;
}

describe('the schedules of the registry', () => {
  it.each(schedules)('$name has a rule of its name, which tells the beat its name and time', ({ name }) => {
    expect(ruleNamed(`celeriac-dev-${name}`)).toMatchObject({
      State: 'ENABLED',
      Targets: [
        {
          Arn: 'BeatFunction.Arn',
          DeadLetterConfig: { Arn: 'UndeliveredEventsQueue.Arn' },
          InputTransformer: {
            InputPathsMap: { id: '$.id', time: '$.time' },
            InputTemplate: `{"id":<id>,"time":<time>,"schedule":"${name}"}`,
          },
        },
      ],
    });
  });

  it('clean up old results each night at two, in UTC', () => {
    expect(ruleNamed('celeriac-dev-cleanup_old_results')).toMatchObject({
      ScheduleExpression: 'cron(0 2 * * ? *)',
      Description: 'Celeriac: Removes expired results each night. (0 2 * * * in UTC)',
    });
  });

  it('have names of their own', () => {
    const names = schedules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('any number of schedules', () => {
  using output = temporaryOutput();
  const stack = new Stack(new App({ outdir: output.outdir }), 'Stack', {
    env: { account: '123456789012', region: 'eu-central-1' },
  });
  new ScheduleRules(stack, 'Schedules', {
    stage: readStage({ stage: 'dev' }),
    schedules: ['America/New_York', 'Europe/Berlin', 'Asia/Kolkata'].map((timeZone, index) =>
      defineSchedule({
        ...{
          name: `check_${index}`,
          task: healthCheck,
          input: {},
          description: 'Looks whether all is well.',
        },
        ...{ cron: '0 6 * * *', timeZone },
      }),
    ),
    undelivered: new UndeliveredEvents(stack, 'UndeliveredEvents', { stage: readStage() }),
    beat: new lambda.Function(stack, 'Beat', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => {};'),
    }),
  });
  const template = Template.fromStack(stack);

  it('fire at every time in UTC at which they can be due', () => {
    const rules = Object.values(template.findResources('AWS::Events::Rule'));
    expect(rules.map(({ Properties }) => Properties.ScheduleExpression)).toEqual([
      ...['cron(0 10,11 * * ? *)', 'cron(0 4,5 * * ? *)', 'cron(30 0 * * ? *)'],
    ]);
  });

  it('take one permission, and it is for no rule of anybody else', () => {
    template.resourceCountIs('AWS::Lambda::Permission', 1);
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'events.amazonaws.com',
      SourceArn: Match.objectLike({
        'Fn::Join': [
          '',
          ['arn:', { Ref: 'AWS::Partition' }, ':events:eu-central-1:123456789012:rule/celeriac-dev-*'],
        ],
      }),
    });
  });
});
