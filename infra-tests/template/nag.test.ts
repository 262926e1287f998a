import { App, Stack, Validations } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { declareStacks } from '#cdk/stacks/declare-stacks.ts';
import { appOf, temporaryOutput } from './synthesise.ts';

const github = { githubRepository: 'owner/name' };
const variants: readonly [string, Readonly<Record<string, string>>][] = [
  ['dev', github],
  ['staging', github],
  ['prod', github],
  ['prod', { ...github, executionMode: 'inline', permissionsBoundary: 'limits' }],
  ['dev', { alarms: 'all', alarmEmail: 'ops@example.com' }],
  ['dev', { emulator: 'ministack' }],
  ['dev', { emulator: 'localstack' }],
];

/** What cdk-nag finds in an app, one line for each resource. */
function findings(app: App, checks = new AwsSolutionsChecks(app)): string[] {
  return checks
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
    );
}

/** The same as if nothing had been acknowledged. */
function allFindings(app: App): string[] {
  return findings(app, Object.assign(new AwsSolutionsChecks(app), { isAcknowledged: () => false }));
}

interface Acknowledgement {
  readonly path: string;
  readonly id: string;
  readonly reason: string;
}

function acknowledgements(within: IConstruct): Acknowledgement[] {
  return within.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) =>
        Object.entries(z.record(z.string(), z.string()).parse(data)).map(([id, reason]) => ({
          path: node.path,
          id: id.replace(/^annotation::/i, ''),
          reason,
        })),
      ),
  );
}

function declared(stage: string, flags: Readonly<Record<string, string>>): App {
  using output = temporaryOutput();
  const app = appOf(output.outdir, stage, flags);
  declareStacks(app);
  app.synth();
  return app;
}

describe.each(variants)('%s with %j', (stage, flags) => {
  const app = declared(stage, flags);

  it('has no finding of cdk-nag that is not acknowledged', () => {
    expect(findings(app)).toEqual([]);
  });

  it('acknowledges nothing that cdk-nag does not find just there, each with a reason', () => {
    const found = allFindings(app);
    const given = acknowledgements(app).filter(({ id }) => id.startsWith('AwsSolutions-'));
    expect(given.length).toBeGreaterThan(0);
    for (const { path, id, reason } of given) {
      expect(found).toContainEqual(expect.stringContaining(`${id} ${path}/`));
      expect(reason).toMatch(/^[A-Z].{30,}\.$/s);
    }
  });

  it('acknowledges nothing for a whole stack', () => {
    const paths = acknowledgements(app).map(({ path }) => path);
    expect(paths.filter((path) => !path.includes('/'))).toEqual([]);
  });
});

it('a finding that nobody acknowledged is found', () => {
  using output = temporaryOutput();
  const app = new App({ outdir: output.outdir });
  new sqs.Queue(new Stack(app, 'Stack'), 'Open');
  expect(findings(app).sort()).toEqual([
    'AwsSolutions-SQS3 Stack/Open/Resource',
    'AwsSolutions-SQS4 Stack/Open/Resource',
  ]);
});
