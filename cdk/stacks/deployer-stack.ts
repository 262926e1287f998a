import { CfnOutput, DefaultStackSynthesizer, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import * as z from 'zod';
import { InvalidContext, matching, oneOf } from '../context.ts';
import type { StageContext, StageSettings } from '../stages.ts';

/** Which repository's workflows may deploy. */
export interface Github {
  /**
   * As GitHub's tokens name it: `owner/name`, or `owner@123/name@456` with ids, as repositories made since mid 2026 have it.
   * https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
   */
  readonly repository: string;
  /** Whether the account trusts GitHub already: it can do so only once, for all stages and stacks. */
  readonly provider: 'new' | 'existing';
}

const provider = z.enum(['new', 'existing']);

/**
 * The repository of `-c githubRepository=`, null when none is given.
 * @throws InvalidContext for any other value, and on an emulator, which has no such identities
 */
export function readGithub(context: StageContext): Github | null {
  const repository = matching(
    z.string().regex(/^[\w.-]+(@\d+)?\/[\w.-]+(@\d+)?$/),
    'githubRepository',
    context.githubRepository,
    'owner/name, or owner@id/name@id: docs/deploy-from-github.md says which',
  );
  const trusted = oneOf(provider, 'githubProvider', context.githubProvider ?? 'new');
  if (repository === null) return null;
  if ((context.emulator ?? 'none') !== 'none') {
    throw new InvalidContext(
      'githubRepository: an emulator trusts nobody: leave out -c githubRepository= or -c emulator=',
    );
  }
  return { repository, provider: trusted };
}

/** What the stack needs to know beside CDK's own settings. */
export interface DeployerStackProps extends StackProps {
  readonly stage: StageSettings;
  readonly github: Github;
}

const issuer = 'token.actions.githubusercontent.com';

/**
 * Two roles for GitHub's workflows, without a key anywhere: one deploys from the environment that is named after the stage,
 * one may only look, for the diff in pull requests. All that either may do is to take on roles of `cdk bootstrap`.
 * https://docs.github.com/en/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services
 */
export class DeployerStack extends Stack {
  constructor(scope: Construct, id: string, { stage, github, ...props }: DeployerStackProps) {
    super(scope, id, { description: `Celeriac: lets ${github.repository} deploy ${stage.name}`, ...props });
    const providerArn =
      github.provider === 'new'
        ? new iam.OidcProviderNative(this, 'GitHub', {
            url: `https://${issuer}`,
            clientIds: ['sts.amazonaws.com'],
          }).oidcProviderArn
        : this.formatArn({ service: 'iam', region: '', resource: 'oidc-provider', resourceName: issuer });

    const role = (name: string, subject: string, description: string, mayTakeOn: readonly string[]) => {
      const made = new iam.Role(this, name, {
        roleName: `celeriac-${stage.name}-${name.toLowerCase()}`,
        description,
        maxSessionDuration: Duration.hours(1),
        assumedBy: new iam.WebIdentityPrincipal(providerArn, {
          StringEquals: {
            [`${issuer}:aud`]: 'sts.amazonaws.com',
            [`${issuer}:sub`]: `repo:${github.repository}:${subject}`,
          },
        }),
      });
      made.addToPolicy(
        new iam.PolicyStatement({
          actions: ['sts:AssumeRole'],
          resources: mayTakeOn.map((kind) => this.#bootstrapRole(kind)),
        }),
      );
      new CfnOutput(this, `${name}RoleArn`, { value: made.roleArn });
    };
    role('Deployer', `environment:${stage.name}`, `Deploys Celeriac to ${stage.name}`, [
      'deploy',
      'file-publishing',
      'lookup',
    ]);
    role('Viewer', 'pull_request', `Shows what a change of Celeriac would do to ${stage.name}`, ['lookup']);
  }

  #bootstrapRole(kind: string): string {
    const qualifier = this.synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
    return this.formatArn({
      service: 'iam',
      region: '',
      resource: 'role',
      resourceName: `cdk-${qualifier}-${kind}-role-${this.account}-${this.region}`,
    });
  }
}
