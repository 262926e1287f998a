import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DynamoDBClient, GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createBucketClient, createQueueClient, LAPTOP_ACCESS_KEY } from '../provision/aws-clients.ts';
import { startAuthorisingProxy } from './authorising-proxy.ts';
import { createPermissions, type Permissions } from './permissions.ts';
import type { Statement } from './statements.ts';

// The emulators of the whole run, behind proxies of this file's own.
const started = new AsyncDisposableStack();
const lines: string[] = [];
const queue = `queue-${randomUUID()}`;
const bucket = `bucket-${randomUUID()}`;
const queueArn = `arn:aws:sqs:us-east-1:000000000000:${queue}`;
const bucketArn = `arn:aws:s3:::${bucket}`;
const caller = 'arn:aws:sts::000000000000:assumed-role/WorkerRole/worker';
let permissions: Permissions;
let urls: { queues: string; tables: string };

beforeAll(async () => {
  permissions = createPermissions((line) => lines.push(line));
  const before = async (emulator: string) => {
    const proxy = await startAuthorisingProxy({ emulator, permissions, log: (line) => lines.push(line) });
    started.defer(() => proxy.stop());
    return proxy.url;
  };
  urls = {
    queues: await before(inject('queueEmulatorUrl')),
    tables: await before(inject('tableEmulatorUrl')),
  };
  await createQueueClient(inject('queueEmulatorUrl')).send(new CreateQueueCommand({ QueueName: queue }));
  await createBucketClient(inject('queueEmulatorUrl')).send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(() => started.disposeAsync());
beforeEach(() => {
  lines.length = 0;
  allow();
});

/** What the worker's role allows from now on. */
function allow(...pairs: (readonly [action: string, resource: string])[]): void {
  const statements = pairs.map(
    ([action, resource]): Statement => ({ effect: 'Allow', actions: [action], resources: [resource] }),
  );
  permissions.change({ roles: [{ functionName: 'worker', roleName: 'WorkerRole', statements }] });
}

const common = (accessKeyId: string) => ({
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'laptop' },
  maxAttempts: 1,
});
const sqs = (key = 'worker') => new SQSClient({ ...common(key), endpoint: urls.queues });
const s3 = (key = 'worker') => new S3Client({ ...common(key), endpoint: urls.queues });
const dynamodb = (key = 'worker') => new DynamoDBClient({ ...common(key), endpoint: urls.tables });
const QueueUrl = () => `${urls.queues}/000000000000/${queue}`;
const send = () => new SendMessageCommand({ QueueUrl: QueueUrl(), MessageBody: 'hello' });
const get = new GetItemCommand({ TableName: 'Tasks', Key: { pk: { S: 'x' } } });
const put = (Key: string, Body: string | Buffer = 'x') => new PutObjectCommand({ Bucket: bucket, Key, Body });

describe('what a role does not allow', () => {
  it('is denied as DynamoDB denies it', async () => {
    await expect(dynamodb().send(get)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: ${caller} is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/Tasks because no identity-based policy allows the dynamodb:GetItem action`,
      $metadata: { httpStatusCode: 400 },
    });
    expect(lines).toEqual([
      'permissions: worker may not dynamodb:GetItem on arn:aws:dynamodb:us-east-1:000000000000:table/Tasks: its role WorkerRole does not allow it',
    ]);
  });

  it('is denied as SQS denies it, the action in small letters', async () => {
    await expect(sqs().send(send())).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`perform: sqs:sendmessage on resource: ${queueArn} because no`),
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('is denied as S3 denies it; a HEAD has no words', async () => {
    await expect(s3().send(put('a'))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`perform: s3:PutObject on resource: "${bucketArn}/a" because no`),
      $metadata: { httpStatusCode: 403 },
    });
    const head = new HeadObjectCommand({ Bucket: bucket, Key: 'a' });
    await expect(s3().send(head)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  it('is denied by an explicit deny too, which says so', async () => {
    const both = (effect: 'Allow' | 'Deny'): Statement => ({ effect, actions: ['sqs:*'], resources: ['*'] });
    const statements = [both('Allow'), both('Deny')];
    permissions.change({ roles: [{ functionName: 'worker', roleName: 'WorkerRole', statements }] });
    await expect(sqs().send(send())).rejects.toMatchObject({
      message: expect.stringMatching(/with an explicit deny in an identity-based policy$/),
    });
  });

  it('is denied for one part of a transaction, and none of it reaches the table', async () => {
    const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/A';
    allow(['dynamodb:PutItem', table]);
    const Item = { pk: { S: 'x' } };
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName: 'A', Item } },
        { Delete: { TableName: 'A', Key: { pk: { S: 'y' } } } },
      ],
    });
    await expect(dynamodb().send(transaction)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:DeleteItem'),
    });
    allow(['dynamodb:PutItem', table], ['dynamodb:DeleteItem', table]);
    await expect(dynamodb().send(transaction)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('what a role allows', () => {
  it('reaches the emulator and comes back, a batch by the permission of its parts', async () => {
    allow(['sqs:SendMessage', queueArn], ['sqs:ReceiveMessage', queueArn]);
    const entries = [{ Id: '1', MessageBody: 'one' }];
    await sqs().send(new SendMessageBatchCommand({ QueueUrl: QueueUrl(), Entries: entries }));
    const { Messages } = await sqs().send(new ReceiveMessageCommand({ QueueUrl: QueueUrl() }));
    expect(Messages).toMatchObject([{ Body: 'one' }]);
    expect(lines).toEqual([]);
  });

  it('changes with the role, from the next call on', async () => {
    allow(['sqs:SendMessage', queueArn]);
    const client = sqs();
    await client.send(send());
    allow();
    await expect(client.send(send())).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('passes objects as they are, large ones and streams included', async () => {
    allow(['s3:PutObject', `${bucketArn}/*`], ['s3:GetObject', `${bucketArn}/*`]);
    const body = Buffer.alloc(8 * 1024 * 1024, 'celeriac');
    await s3().send(put('a b/ü', body));
    const got = await s3().send(new GetObjectCommand({ Bucket: bucket, Key: 'a b/ü' }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);

    const file = createReadStream(import.meta.filename);
    await s3().send(new PutObjectCommand({ Bucket: bucket, Key: 'stream', Body: file }));
    const text = await (
      await s3().send(new GetObjectCommand({ Bucket: bucket, Key: 'stream' }))
    ).Body?.transformToString();
    expect(text).toContain('passes objects as they are');
  });

  it('is not told what is absent without ListBucket', async () => {
    const absent = new GetObjectCommand({ Bucket: bucket, Key: 'nothing' });
    allow(['s3:GetObject', `${bucketArn}/*`]);
    await expect(s3().send(absent)).rejects.toMatchObject({ name: 'AccessDenied' });
    allow(['s3:GetObject', `${bucketArn}/*`], ['s3:ListBucket', bucketArn]);
    await expect(s3().send(absent)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('removes of several objects those that it may, and tells an error for each other', async () => {
    const own = createBucketClient(inject('queueEmulatorUrl'));
    for (const key of ['mine/<1>', 'mine/2', 'theirs/&1']) await own.send(put(key));
    const remove = (keys: string[]) =>
      s3().send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }),
      );
    const keysLeft = async () => {
      const { Contents = [] } = await own.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key }) => Key).filter((key) => key?.includes('/') && !key.startsWith('a b'));
    };
    const denied = (Key: string) => ({
      Key,
      Code: 'AccessDenied',
      Message: expect.stringContaining('s3:DeleteObject'),
    });

    expect((await remove(['mine/2'])).Errors).toEqual([denied('mine/2')]);
    allow(['s3:DeleteObject', `${bucketArn}/mine/*`]);
    const { Deleted, Errors } = await remove(['mine/<1>', 'theirs/&1', 'mine/2']);
    expect(Errors).toEqual([denied('theirs/&1')]);
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['mine/<1>', 'mine/2']);
    expect(await keysLeft()).toEqual(['theirs/&1']);
    allow(['s3:DeleteObject', `${bucketArn}/*`]);
    expect((await remove(['theirs/&1'])).Errors).toBeUndefined();
    expect(await keysLeft()).toEqual([]);
  });
});

describe('a caller', () => {
  it.each([['nobody', 'UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidAccessKeyId']])(
    'with the key %s is refused by every service',
    async (key, ofTables, ofQueues, ofBuckets) => {
      await expect(dynamodb(key).send(get)).rejects.toMatchObject({ name: ofTables });
      await expect(sqs(key).send(send())).rejects.toMatchObject({ name: ofQueues });
      await expect(s3(key).send(put('a'))).rejects.toMatchObject({ name: ofBuckets });
      expect(lines).toEqual(
        Array(3).fill('permissions: a call was refused: no function has the access key "nobody"'),
      );
    },
  );

  it('without any key is refused', async () => {
    const response = await fetch(`${urls.queues}/${bucket}/a`);
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining('InvalidAccessKeyId'),
    ]);
  });

  it('with a presigned URL is the function that signed it', async () => {
    const credential = encodeURIComponent('worker/20261101/us-east-1/s3/aws4_request');
    const upload = () =>
      fetch(`${urls.queues}/${bucket}/up?X-Amz-Credential=${credential}&X-Amz-Signature=x`, {
        method: 'PUT',
        body: 'uploaded',
      });
    expect((await upload()).status).toBe(403);
    allow(['s3:PutObject', `${bucketArn}/up`]);
    expect((await upload()).status).toBe(200);
  });

  it('with the laptop’s own key may do everything', async () => {
    await sqs(LAPTOP_ACCESS_KEY).send(send());
    expect(lines).toEqual([]);
  });
});

describe('a call whose permissions nobody taught the laptop cloud', () => {
  it('is refused by its name, and does not pass', async () => {
    allow(['*', '*']);
    await expect(sqs().send(new CreateQueueCommand({ QueueName: 'new' }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('AmazonSQS.CreateQueue'),
    });
    await expect(s3().send(new CreateBucketCommand({ Bucket: 'new' }))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('PUT /new'),
    });
  });

  it('is refused when it does not say what it is about', async () => {
    const headers = {
      authorization: 'AWS4-HMAC-SHA256 Credential=worker/x/x/x/x',
      'x-amz-target': 'DynamoDB_20120810.GetItem',
    };
    const response = await fetch(urls.tables, { method: 'POST', headers, body: '{}' });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('TableName')]);
  });
});
