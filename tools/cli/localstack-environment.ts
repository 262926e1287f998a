/** What a LocalStack account is called, and where. */
export const localstackAccount = { id: '000000000000', region: 'us-east-1' } as const;

const host = 'localhost.localstack.cloud:4566';

/**
 * The environment for a program that is to talk to LocalStack and to nothing else: whatever of the caller's names AWS, an
 * account, a profile or an address, is left out. LocalStack tells buckets by the name before `s3.` in the host.
 */
export function localstackEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = Object.entries(own).filter(([name]) => !name.startsWith('AWS_'));
  return {
    ...Object.fromEntries(rest),
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: localstackAccount.region,
    AWS_ENDPOINT_URL: `http://${host}`,
    AWS_ENDPOINT_URL_S3: `http://s3.${host}`,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
}
