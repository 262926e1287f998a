import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { issueToken } from '#tools/cli/issue-token.ts';
import type { Target } from '../e2e/target.ts';
import type { DeployedStage } from './deploy-stage.ts';
import { type DeployedPowers, deployedPowers } from './deployed-powers.ts';
import { awsVariables } from './emulated-account.ts';

/** A deployed stage as one test file sees it. */
export interface DeployedTarget {
  readonly target: Target;
  readonly powers: DeployedPowers;
  stop(): Promise<void>;
}

/** Opens a deployed stage for one test file, which gets a tenant of its own: it sees the tasks of no other file. */
export async function openDeployed(deployed: DeployedStage): Promise<DeployedTarget> {
  // As an operator's shell would have them: the AWS SDK finds its way by these alone.
  Object.assign(process.env, awsVariables(deployed.account));
  setDefaultCACertificates([
    ...getCACertificates('default'),
    readFileSync(deployed.account.certificate, 'utf8'),
  ]);
  const tableName = deployed.outputs['PipelineTableName'] ?? '';
  const tenant = `story-${randomUUID().slice(0, 8)}`;
  const issue: Target['issueToken'] = (wanted) => issueToken({ tableName }, wanted);
  const powers = await deployedPowers(deployed);
  return {
    target: {
      url: deployed.url,
      token: await issue({ name: tenant, tenant, scopes: ['admin'] }),
      tenant,
      mapboxUrl: deployed.mapboxUrl,
      issueToken: issue,
      now: Date.now,
      passTime: (seconds) => pause(seconds * 1000),
    },
    powers,
    stop: async () => powers.close(),
  };
}
