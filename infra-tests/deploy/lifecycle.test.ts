import { CreateBucketCommand, DeleteBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { emptyBucket } from '#tools/cli/stage-buckets.ts';
import { startMapbox } from '#tools/upstreams/mapbox/start-mapbox.ts';
import { ask, createLocation, submitTask, taskUntil } from '../e2e/api-calls.ts';
import { askedAbout } from '../e2e/mapbox-stand-in.ts';
import { type DeployedStage, deployStage } from './deploy-stage.ts';
import { type DeployedTarget, openDeployed } from './deployed-target.ts';
import { listResources } from './list-resources.ts';
import { destroy } from './run-cdk.ts';

const dev = inject('deployed') ?? missingStage();
const { account } = dev;
/** The Mapbox of the first deployment is that of `dev`; an update brings this one. */
let secondMapbox: Awaited<ReturnType<typeof startMapbox>>;
let staging: DeployedStage;
let opened: DeployedTarget;
beforeAll(async () => {
  secondMapbox = await startMapbox({ token: 'pk.deploy-test' });
  staging = await deployStage(account, { stage: 'staging', mapboxUrl: dev.mapboxUrl });
  opened = await openDeployed(staging);
});
afterAll(async () => {
  await opened?.stop();
  await secondMapbox.stop();
});

const ended = ({ state }: { state: string }) => expect(state).toBe('SUCCESS');

describe('a second stage in the same account', () => {
  it('is well, and has nothing of the first', async () => {
    expect(staging.url).not.toBe(dev.url);
    expect(await ask(opened.target, 'GET', '/health', { token: null })).toMatchObject({
      ...{ status: 200, body: { status: 'healthy', checks: { database: 'ok', cache: 'ok', celery: 'ok' } } },
    });
    const { target: first, stop } = await openDeployed(dev);
    expect((await ask(opened.target, 'GET', '/api/v1/tasks', { token: first.token })).status).toBe(401);
    await stop();
  });
});

describe('an update of a stage', () => {
  it('loses no task that was submitted before, and takes effect for those after', {
    timeout: 240_000,
  }, async () => {
    const { target, powers } = opened;
    // None that runs: see the gap `updates-end-runs`.
    await powers.pause('priority');
    const hello = { task: 'test_celery', input: { message: '\u0001'.repeat(1000) } };
    const waiting = await submitTask(target, { ...hello, priority: 'high' });
    const delayed = await submitTask(target, { ...hello, countdown: 15 });

    const updated = await deployStage(account, { stage: 'staging', mapboxUrl: secondMapbox.url });
    expect(updated.outputs).toEqual(staging.outputs);
    await powers.resume('priority');
    for (const taskId of [waiting, delayed]) {
      // A message that came due just then may be lost with the environment that took it: the reconciler sends another.
      expect(await taskUntil(target, taskId, ended, 150_000)).toMatchObject({ attempts: 1, epoch: 1 });
    }

    const place = { name: 'Oslo', latitude: 59.913333, longitude: 10.738889 };
    const { taskId } = await createLocation(target, place);
    await taskUntil(target, taskId, ended);
    expect(await askedAbout({ ...target, mapboxUrl: secondMapbox.url }, place)).toEqual({
      ...{ address: [200], elevation: [200] },
    });
  });
});

describe('a stage that is destroyed', () => {
  it('leaves nothing, and takes nothing from the other, nor from its namesake in another region', async () => {
    const before = await listResources(account, 'celeriac-staging');
    // So that the last look cannot pass for want of anything that was there.
    expect(Object.keys(before)).toEqual([
      ...['cloudformation describe_stacks', 'dynamodb list_tables', 's3 list_buckets', 'sqs list_queues'],
      ...[
        'lambda list_functions',
        'lambda list_event_source_mappings',
        'iam list_roles',
        'events list_rules',
      ],
      ...[
        'logs describe_log_groups',
        'cloudwatch describe_alarms',
        'apigatewayv2 get_apis',
        'sns list_topics',
      ],
    ]);
    const devBefore = await listResources(account, 'celeriac-dev');
    const elsewhere = new S3Client({ region: 'eu-west-1' });
    const Bucket = 'celeriac-staging-stateful-filebucket9f4afa50-zyxwvutsrqpo';
    await elsewhere.send(new CreateBucketCommand({ Bucket }));
    await elsewhere.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'kept' }));
    await destroy(account, 'staging');
    expect(await listResources(account, 'celeriac-staging')).toEqual({ 's3 list_buckets': [Bucket] });
    expect(await listResources(account, 'celeriac-dev')).toEqual(devBefore);
    expect(await emptyBucket(elsewhere, Bucket)).toBe(1);
    await elsewhere.send(new DeleteBucketCommand({ Bucket }));
    elsewhere.destroy();
  });
});

function missingStage(): never {
  throw new Error('no stage was deployed: run these tests by npm run test:deploy');
}
