import { S3Client } from '@aws-sdk/client-s3';
import { Command, Option } from 'commander';
import { reportAndExit } from './report-error.ts';
import { runCdk } from './run-cdk.ts';
import { bucketsOf, emptyBucket } from './stage-buckets.ts';

interface DestroyOptions {
  readonly stage: string;
  readonly yes: boolean;
}

const command = new Command('npm run destroy --')
  .description('Takes a stage away without a trace: its stacks are deleted, and all that is in its buckets.')
  .addOption(
    // Not prod: it keeps its data, and refuses.
    new Option('--stage <name>', 'which one').choices(['dev', 'staging']).makeOptionMandatory(),
  )
  .option('--yes', 'really do it; without it, tells what would be emptied', false)
  .action(async ({ stage, yes }: DestroyOptions) => {
    const s3 = new S3Client();
    const buckets = await bucketsOf(s3, stage);
    if (!yes) {
      console.log(
        `would empty ${buckets.join(', ') || 'no bucket'} and delete the stacks of ${stage}: say --yes`,
      );
      return;
    }
    const context = ['-c', `stage=${stage}`];
    // First what writes to the buckets.
    await runCdk(['destroy', `Celeriac-${stage}-Pipeline`, '--force', ...context], process.env);
    for (const bucket of buckets) {
      console.log(`${bucket}: removed ${await emptyBucket(s3, bucket)} objects`);
    }
    await runCdk(['destroy', '--all', '--force', ...context], process.env);
  });

command.parseAsync().catch(reportAndExit);
