import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { named, ofType, synthesise } from './synthesise.ts';

const github = 'token.actions.githubusercontent.com';
const bootstrap = (kind: string, qualifier = 'hnb659fds') =>
  `arn:AWS::Partition:iam::AWS::AccountId:role/cdk-${qualifier}-${kind}-role-AWS::AccountId-AWS::Region`;

const trust = z.object({
  Statement: z.tuple([
    z.object({ Condition: z.object({ StringEquals: z.looseObject({ [`${github}:sub`]: z.string() }) }) }),
  ]),
});

/** Whom a role trusts, as GitHub's tokens say it. */
function subjectOf(policy: unknown): unknown {
  return trust.parse(policy).Statement[0].Condition.StringEquals[`${github}:sub`];
}

describe('a repository that may deploy', () => {
  const stage = synthesise('prod', { githubRepository: 'owner/name' });

  it.each([
    ['Deployer', 'celeriac-prod-deployer', 'environment:prod'],
    ['Viewer', 'celeriac-prod-viewer', 'pull_request'],
  ])('takes on %s without a key, and only from where it may', (name, RoleName, subject) => {
    expect(named(stage, 'AWS::IAM::Role', name).properties).toMatchObject({
      RoleName,
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRoleWithWebIdentity',
            Effect: 'Allow',
            Principal: { Federated: expect.stringMatching(/^GitHub/) },
            Condition: {
              StringEquals: {
                [`${github}:aud`]: 'sts.amazonaws.com',
                [`${github}:sub`]: `repo:owner/name:${subject}`,
              },
            },
          },
        ],
      },
    });
  });

  it.each([
    ['DeployerDefaultPolicy', ['deploy', 'file-publishing', 'lookup']],
    ['ViewerDefaultPolicy', ['lookup']],
  ])('may through %s only take on roles of the bootstrap', (name, kinds) => {
    const arns = kinds.map((kind) => bootstrap(kind));
    expect(named(stage, 'AWS::IAM::Policy', name).properties['PolicyDocument']).toMatchObject({
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: arns.length === 1 ? arns[0] : arns },
      ],
    });
  });

  it('is named with its ids where GitHub names it so, and matched to the letter', () => {
    const github2026 = synthesise('dev', { githubRepository: 'owner@123/na.me@456' });
    const roles = ['Deployer', 'Viewer'].map((name) => named(github2026, 'AWS::IAM::Role', name).properties);
    expect(
      ['environment:dev', 'pull_request'].map((subject) => `repo:owner@123/na.me@456:${subject}`),
    ).toEqual(roles.map(({ AssumeRolePolicyDocument }) => subjectOf(AssumeRolePolicyDocument)));
    expect(github2026.text).not.toContain('StringLike');
  });

  it('takes on the roles of the bootstrap that the stage is deployed by', () => {
    const own = { '@aws-cdk/core:bootstrapQualifier': 'prod' };
    const apart = synthesise('prod', { githubRepository: 'owner/name', ...own });
    expect(
      named(apart, 'AWS::IAM::Policy', 'DeployerDefaultPolicy').properties['PolicyDocument'],
    ).toMatchObject({
      Statement: [
        { Resource: ['deploy', 'file-publishing', 'lookup'].map((kind) => bootstrap(kind, 'prod')) },
      ],
    });
    expect(apart.text).not.toContain('hnb659fds');
  });

  it.each(['owner@/name', 'owner/name@*', 'owner/*', 'owner@x/name@1', 'owner/name:ref'])(
    'is never %s',
    (githubRepository) => {
      expect(() => synthesise('dev', { githubRepository })).toThrow('githubRepository');
    },
  );

  it('is trusted through one provider, which an account can have only once', () => {
    expect(ofType(stage, 'AWS::IAM::OIDCProvider').map(({ properties }) => properties)).toEqual([
      { Url: `https://${github}`, ClientIdList: ['sts.amazonaws.com'] },
    ]);
    const second = synthesise('dev', { githubRepository: 'owner/name', githubProvider: 'existing' });
    expect(() => ofType(second, 'AWS::IAM::OIDCProvider')).toThrow('has no');
    expect(named(second, 'AWS::IAM::Role', 'Deployer').properties).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [
          { Principal: { Federated: `arn:AWS::Partition:iam::AWS::AccountId:oidc-provider/${github}` } },
        ],
      },
    });
  });
});

it('nobody may deploy where no repository is named', () => {
  expect(synthesise('prod').text).not.toContain(github);
});

it('has no place on an emulator', () => {
  const flags = { githubRepository: 'owner/name', emulator: 'ministack' };
  expect(() => synthesise('dev', flags)).toThrow('githubRepository: an emulator trusts nobody');
});
