import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientSettings, dynamoDbClient, mostTries, sqsClient } from './clients.ts';
import { s3Client } from './s3-client.ts';

const clean: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(clean.splice(0).map((close) => close()));
});

/** A service that answers as `listener` does; tells how often it was called. */
async function startService(
  listener: RequestListener,
): Promise<{ settings: ClientSettings; calls: () => number }> {
  let calls = 0;
  const server = createServer((request, response) => {
    calls++;
    listener(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  clean.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the service has no port');
  return {
    calls: () => calls,
    settings: {
      endpoint: `http://127.0.0.1:${address.port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'tests', secretAccessKey: 'tests' },
      deadlines: { connect: 100, answer: 100 },
    },
  };
}

/** Keeps the connection busy, so that only a deadline for the whole answer can end the call. */
const neverAnswer: RequestListener = (request, response) => {
  request.resume();
  const busy = setInterval(() => response.writeProcessing(), 20);
  response.on('close', () => clearInterval(busy));
};

const calls: Record<string, (settings: ClientSettings) => Promise<unknown>> = {
  DynamoDB: (settings) => dynamoDbClient(settings).send(new GetCommand({ TableName: 't', Key: { pk: 'a' } })),
  SQS: (settings) =>
    sqsClient(settings).send(
      new SendMessageCommand({ QueueUrl: `${settings.endpoint}/0/q`, MessageBody: 'a' }),
    ),
  S3: (settings) =>
    s3Client({ ...settings, forcePathStyle: true }).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
};

describe.each(Object.entries(calls))('%s client', (_name, call) => {
  it('gives a service that does not answer up after three tries with a deadline each', async () => {
    const service = await startService(neverAnswer);
    const began = performance.now();
    await expect(call(service.settings)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(service.calls()).toBe(mostTries);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('gives up on an answer that stalls half way', async () => {
    const service = await startService((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      response.write('{');
    });
    const read = call(service.settings).then(async (reply) => {
      const { Body } = reply as { Body?: { transformToString(): Promise<string> } };
      return Body?.transformToString();
    });
    await expect(read).rejects.toThrow();
  });
});
