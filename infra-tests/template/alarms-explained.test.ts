import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { alarmsInWords } from './alarm-words.ts';
import { named, type SynthesisedStage, synthesise } from './synthesise.ts';

const stageNames = ['dev', 'staging', 'prod'] as const;
const stages = stageNames.map((name) => ({ name, stage: synthesise(name) }));
const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');

/** A composite alarm's name and description, where the stage has one. */
function composites(stage: SynthesisedStage): { AlarmName: string; AlarmDescription: string }[] {
  return stage.resources
    .filter(({ type }) => type === 'AWS::CloudWatch::CompositeAlarm')
    .map(({ properties }) =>
      z.looseObject({ AlarmName: z.string(), AlarmDescription: z.string() }).parse(properties),
    );
}

const explained = stages.flatMap(({ name, stage }) => [
  ...alarmsInWords(stage, name).map(({ fullName, description }) => ({ stage: name, fullName, description })),
  ...composites(stage).map((each) => ({
    ...{ stage: name, fullName: each.AlarmName, description: each.AlarmDescription },
  })),
]);

describe('every alarm', () => {
  it('has a name of its own that begins with its stage', () => {
    const names = explained.map(({ fullName }) => fullName);
    expect(new Set(names).size).toBe(names.length);
    for (const { stage, fullName } of explained) {
      expect(fullName).toMatch(new RegExp(`^celeriac-${stage}-[a-z0-9_-]+$`));
    }
  });

  it('says what has happened, shows a page of the console in its region, and names its section of the runbook', () => {
    for (const { stage, fullName, description } of explained) {
      const name = fullName.replace(`celeriac-${stage}-`, '').replace(/-\d+$/, '');
      const [, meaning, page, section] =
        /^([A-Z].*\.) Look: (https:\S+) What to do: docs\/runbook\.md, "(.*)"\.$/.exec(description) ?? [];
      expect(meaning, fullName).toBeDefined();
      expect(page).toMatch(/^https:\/\/AWS::Region\.console\.aws\.amazon\.com\/.+region=AWS::Region#.+/);
      expect(section).toBe(name);
    }
  });

  it('fits into what CloudWatch keeps, names as long as they can be', () => {
    // A queue's name, the longest of all in these texts, has 80 characters at most.
    const room = 1024 - 80 - 'ap-southeast-99'.length * 3;
    for (const { description } of explained) expect(description.length).toBeLessThan(room);
  });
});

it('every section of the runbook is that of an alarm, and every alarm has one', () => {
  const sections = [...read('runbook.md').matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  const names = explained.map(({ stage, fullName }) =>
    fullName.replace(`celeriac-${stage}-`, '').replace(/-\d+$/, ''),
  );
  expect([...sections].sort()).toEqual([...new Set(names)].sort());
});

describe('what alarms cost', () => {
  /** The numbers of a row of the table in docs/costs.md: dev, staging, prod. */
  function row(title: string): (number | undefined)[] {
    const line = read('costs.md')
      .split('\n')
      .find((each) => each.startsWith(`| ${title}`));
    if (line === undefined) throw new Error(`docs/costs.md has no row "${title}"`);
    return line
      .split('|')
      .slice(2, 5)
      .map((cell) => Number(/\d+/.exec(cell)?.[0]));
  }

  it('is what the table of costs says', () => {
    const metrics = stages.map(
      ({ name, stage }) => alarmsInWords(stage, name).flatMap(({ watches }) => watches).length,
    );
    expect(row('alarm metrics')).toEqual(metrics);
    const count = (type: string) =>
      stages.map(({ stage }) => stage.resources.filter((each) => each.type === type).length);
    expect(row('composite alarms')).toEqual(count('AWS::CloudWatch::CompositeAlarm'));
    expect(row('KMS keys')).toEqual(count('AWS::KMS::Key'));
    expect(row('event source mappings')).toEqual(count('AWS::Lambda::EventSourceMapping'));
  });

  it('is nothing in dev, within the ten metrics that CloudWatch gives for free', () => {
    expect(row('alarm metrics')[0]).toBeLessThanOrEqual(10);
    expect(row('KMS keys')[0]).toBe(0);
  });
});

describe('the dashboard', () => {
  const dashboards = stages.map(({ name, stage }) => {
    const { properties } = named(stage, 'AWS::CloudWatch::Dashboard', 'PipelineDashboard');
    const body = z.string().parse(properties['DashboardBody']);
    const { widgets } = z
      .object({
        widgets: z.array(z.looseObject({ type: z.string(), properties: z.record(z.string(), z.unknown()) })),
      })
      .parse(JSON.parse(body));
    return { name, dashboard: properties['DashboardName'], body, widgets };
  });

  it.each(dashboards)(
    'of $name is one that CloudWatch gives for free: fifty metrics at most',
    ({ widgets }) => {
      const metrics = widgets.flatMap(({ properties }) =>
        z.array(z.unknown()).default([]).parse(properties['metrics']),
      );
      expect(metrics.length).toBeGreaterThan(30);
      expect(metrics.length).toBeLessThanOrEqual(50);
    },
  );

  it.each(dashboards)('of $name shows every alarm of the stage', ({ name, dashboard, widgets }) => {
    expect(dashboard).toBe(`celeriac-${name}`);
    const [status] = widgets.filter(({ type }) => type === 'alarm');
    const { stage } = stages.find((each) => each.name === name) ?? {};
    expect(status?.properties['alarms']).toHaveLength(stage ? alarmsInWords(stage, name).length : 0);
  });

  it.each(dashboards)('of $name shows tasks, queues, functions, API and tables', ({ body }) => {
    for (const part of [
      ...['TasksFailed', 'OldestUnfinishedTask', 'MissedSchedules', 'GeoProcessingQueueDeadLetters'],
      ...['ConcurrentExecutions', 'BeatFunction', '5xx', 'p99', 'ApplicationTable', 'WriteThrottleEvents'],
    ]) {
      expect(body).toContain(part);
    }
  });
});
