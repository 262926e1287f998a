import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ttlAttribute } from '#shared/aws/table-schema.ts';
import { named, ofType, synthesise } from './synthesise.ts';

const prod = synthesise('prod');
const dev = synthesise('dev');
const read = (name: string) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
const recovery = read('disaster-recovery');
const documents = read('deploy') + recovery;

/** What the first group of a pattern matches; never nothing, so that no check passes for want of any. */
function told(pattern: RegExp, text = documents): string[] {
  const found = [...text.matchAll(pattern)].map(([, word = '']) => word);
  expect(found).not.toEqual([]);
  return [...new Set(found)];
}

describe('what docs/deploy.md and docs/disaster-recovery.md have operators type', () => {
  it('names outputs that there are', () => {
    const outputs = [...told(/OutputKey=='([A-Z]\w+)'/g), ...told(/\$\(output (\w+)\)/g)];
    expect(outputs.filter((name) => !(name in dev.outputs))).toEqual([]);
  });

  it('finds the resources that are to be stopped, and of the functions the one of the API', () => {
    for (const type of told(/\$\(resources (AWS::\w+::\w+)/g)) expect(ofType(prod, type)).not.toEqual([]);
    const [word = ''] = told(/resources AWS::Lambda::Function \| grep (\w+)/g);
    const stopped = ofType(prod, 'AWS::Lambda::Function').filter(({ name }) => name.includes(word));
    expect(stopped.map(({ name }) => name)).toEqual(['HttpApiFunction']);
  });

  it('gives a restored table the settings that the template gives', () => {
    const table = named(prod, 'AWS::DynamoDB::Table', 'PipelineTable').properties;
    expect(table).toMatchObject({
      TimeToLiveSpecification: { AttributeName: ttlAttribute, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
    });
    expect(recovery).toContain(`--time-to-live-specification Enabled=true,AttributeName=${ttlAttribute}`);
    const [tags = {}] = prod.tags;
    const given = Object.entries(tags).map(([key, value]) => `Key=${key},Value=${value}`);
    expect(recovery).toContain(`tag-resource --tags ${given.join(' ')}`);
    // What the template sets beyond these, the page would have to tell how to set again.
    expect(Object.keys(table).sort()).toEqual([
      'AttributeDefinitions',
      'BillingMode',
      'DeletionProtectionEnabled',
      'GlobalSecondaryIndexes',
      'KeySchema',
      'PointInTimeRecoverySpecification',
      'TimeToLiveSpecification',
    ]);
  });

  it('names the parameter, the alarm and the dashboard of dev', () => {
    const [parameter = ''] = told(/put-parameter .*--name (\S+)/g);
    expect(dev.text).toContain(`"${parameter}"`);
    const alarms = ofType(dev, 'AWS::CloudWatch::Alarm').map(({ properties }) => properties['AlarmName']);
    expect(alarms).toContain(told(/--alarm-name (\S+?)`/g)[0]);
    const { properties } = named(dev, 'AWS::CloudWatch::Dashboard', 'PipelineDashboard');
    expect(documents).toContain(`*Dashboards*, \`${properties['DashboardName']}\``);
  });
});
