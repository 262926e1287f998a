import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSecretParameter } from './secret-parameter.ts';

let server: Server;
let client: SSMClient;
let value: string;
let asked: unknown[];
let broken: boolean;
let now: number;

beforeEach(async () => {
  value = 'pk.first';
  asked = [];
  broken = false;
  now = 0;
  server = createServer((request, response) => {
    text(request).then(
      (body) => {
        asked.push({ target: request.headers['x-amz-target'], ...JSON.parse(body) });
        response.writeHead(broken ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(
          JSON.stringify(broken ? { __type: 'ParameterNotFound' } : { Parameter: { Value: value } }),
        );
      },
      (error) => response.destroy(error),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  client = new SSMClient({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'tests', secretAccessKey: 'tests' },
  });
});

afterEach(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

const open = () => openSecretParameter({ client, name: '/token', now: () => now });

describe('openSecretParameter', () => {
  it('asks for the decrypted value, once in five minutes', async () => {
    const secret = open();
    expect(await secret()).toBe('pk.first');
    value = 'pk.second';
    now = 299_999;
    expect(await secret()).toBe('pk.first');
    expect(asked).toEqual([{ target: 'AmazonSSM.GetParameter', Name: '/token', WithDecryption: true }]);
    now = 300_000;
    expect(await secret()).toBe('pk.second');
  });

  it('shares one request among calls side by side', async () => {
    const secret = open();
    expect(await Promise.all([secret(), secret(), secret()])).toEqual(['pk.first', 'pk.first', 'pk.first']);
    expect(asked).toHaveLength(1);
  });

  it('does not remember a failure', async () => {
    const secret = open();
    broken = true;
    await expect(secret()).rejects.toMatchObject({ name: 'ParameterNotFound' });
    broken = false;
    expect(await secret()).toBe('pk.first');
  });

  it('names the parameter that has no value', async () => {
    value = '';
    await expect(open()()).rejects.toThrow('the SSM parameter /token has no value');
  });
});
