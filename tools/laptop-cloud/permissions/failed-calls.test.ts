import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { listenOnLaptop, stopListening } from '../listen-on-laptop.ts';
import { LAPTOP_ACCESS_KEY } from '../provision/aws-clients.ts';
import { startAuthorisingProxy } from './authorising-proxy.ts';
import { createPermissions } from './permissions.ts';
import type { FailedCall } from './relay-calls.ts';

const THROTTLED = JSON.stringify({ __type: 'com.amazonaws#ThrottlingException', message: 'slow down' });

it('tells of calls that the emulator did not answer well, and hands its answer on', async () => {
  await using started = new AsyncDisposableStack();
  const emulator = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => {
      const fails = incoming.headers['x-amz-target'] === 'DynamoDB_20120810.PutItem';
      outgoing.writeHead(fails ? 400 : 200).end(fails ? THROTTLED : '{}');
    });
  });
  const url = await listenOnLaptop(emulator, 0);
  started.defer(() => stopListening(emulator));
  const failures: FailedCall[] = [];
  const proxy = await startAuthorisingProxy({
    emulator: url,
    permissions: createPermissions(() => undefined),
    onFailure: (failure) => failures.push(failure),
    log: () => undefined,
  });
  started.defer(() => proxy.stop());

  const call = (operation: string) =>
    fetch(proxy.url, {
      method: 'POST',
      headers: {
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${LAPTOP_ACCESS_KEY}/20260101/us-east-1/dynamodb/aws4_request`,
      },
      body: '{"TableName":"t"}',
    });
  expect((await call('GetItem')).status).toBe(200);
  expect(await (await call('PutItem')).text()).toBe(THROTTLED);
  expect(
    failures.map(({ request, answer, ...rest }) => ({ ...rest, sent: String(request), got: String(answer) })),
  ).toEqual([
    { amzTarget: 'DynamoDB_20120810.PutItem', status: 400, sent: '{"TableName":"t"}', got: THROTTLED },
  ]);
});
