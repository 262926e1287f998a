import { describe, expect, it } from 'vitest';
import { localstackEnvironment } from './localstack-environment.ts';

describe('the environment for LocalStack', () => {
  const environment = localstackEnvironment({
    PATH: '/bin',
    AWS_PROFILE: 'production',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SESSION_TOKEN: 'secret',
    AWS_ENDPOINT_URL_CLOUDFORMATION: 'https://cloudformation.eu-central-1.amazonaws.com',
  });

  it('keeps nothing that leads to a real account', () => {
    expect(environment).not.toHaveProperty('AWS_PROFILE');
    expect(environment).not.toHaveProperty('AWS_SESSION_TOKEN');
    expect(environment).not.toHaveProperty('AWS_ENDPOINT_URL_CLOUDFORMATION');
    expect(environment['AWS_ACCESS_KEY_ID']).toBe('test');
  });

  it('leads to this machine, whose name resolves with any bucket before it', () => {
    expect(environment).toMatchObject({
      PATH: '/bin',
      AWS_ENDPOINT_URL: 'http://localhost.localstack.cloud:4566',
      AWS_ENDPOINT_URL_S3: 'http://s3.localhost.localstack.cloud:4566',
    });
  });
});
