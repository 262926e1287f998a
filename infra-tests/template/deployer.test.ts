import { describe, expect, it } from 'vitest';
import { named, ofType, synthesise } from './synthesise.ts';

const github = 'token.actions.githubusercontent.com';
const bootstrap = (kind: string) =>
  `arn:AWS::Partition:iam::AWS::AccountId:role/cdk-hnb659fds-${kind}-role-AWS::AccountId-AWS::Region`;

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
    const arns = kinds.map(bootstrap);
    expect(named(stage, 'AWS::IAM::Policy', name).properties['PolicyDocument']).toMatchObject({
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: arns.length === 1 ? arns[0] : arns },
      ],
    });
  });

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
