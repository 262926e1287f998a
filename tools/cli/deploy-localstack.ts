import { localstackAccount, localstackEnvironment } from './localstack-environment.ts';
import { reportAndExit } from './report-error.ts';
import { runCdk } from './run-cdk.ts';

const env = localstackEnvironment(process.env);

try {
  await runCdk(['bootstrap', `aws://${localstackAccount.id}/${localstackAccount.region}`], env);
  await runCdk(
    ['deploy', '--all', '--require-approval', 'never', '-c', 'emulator=localstack', ...process.argv.slice(2)],
    env,
  );
} catch (error) {
  reportAndExit(error);
}
