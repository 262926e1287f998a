import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knock, otherAddresses } from './emulators/fixtures/addresses.ts';
import { apiOf, type FixtureApi } from './fixtures/api-of.ts';
import { type FixtureProject, makeProject } from './fixtures/make-project.ts';
import { type LaptopCloud, startLaptopCloud } from './start-laptop-cloud.ts';

let project: FixtureProject;
let cloud: LaptopCloud;
let api: FixtureApi;
const lines: string[] = [];
const watchers: (() => void)[] = [];

beforeAll(async () => {
  project = makeProject();
  cloud = await startLaptopCloud({
    ...project,
    port: 0,
    environment: { GREETING: 'from the command line', UNDECLARED: 'x' },
    parameters: { '/fixture/token': 's3cret' },
    log: (line) => {
      lines.push(line);
      for (const look of watchers) look();
    },
  });
  api = apiOf(cloud.url);
});
afterAll(async () => {
  await cloud.stop();
  project.remove();
});

/** Resolves when a line was logged so many times. */
function logged(line: string, times: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => lines.filter((one) => one === line).length >= times && resolve();
  watchers.push(look);
  look();
  return promise;
}

describe('a running laptop cloud', () => {
  it('carries a request through queue, worker and table', async () => {
    expect(await api.send('queue', 'first')).toBe(202);
    await cloud.settled();
    expect(await api.item('first')).toMatchObject({ value: '1' });
  });

  it('gives functions the template’s variables, those replaced that it declares, and addresses of their own', async () => {
    const variables = (await (await api.get('/environment')).json()) as Record<string, string>;
    const { AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_DYNAMODB } = variables;
    expect(AWS_ENDPOINT_URL_S3).toBe(AWS_ENDPOINT_URL_SQS);
    // Functions go by way of what judges their calls, the laptop cloud and its tools do not.
    const direct = [cloud.sqsEndpoint, cloud.dynamodbEndpoint];
    expect(direct).not.toContain(AWS_ENDPOINT_URL_SQS);
    expect(direct).not.toContain(AWS_ENDPOINT_URL_DYNAMODB);
    expect(variables).toMatchObject({
      GREETING: 'from the command line',
      TABLE_NAME: cloud.outputs['TableName'],
      QUEUE_URL: `${AWS_ENDPOINT_URL_SQS}/000000000000/Fixture-Queue`,
      API_URL: cloud.url,
      AWS_ENDPOINT_URL_SSM: cloud.ssmEndpoint,
    });
    expect(variables).not.toHaveProperty('UNDECLARED');
  });

  it('resolves the outputs that are meant for people', () => {
    expect(cloud.outputs).toEqual({ TableName: 'Fixture-Table', ApiUrl: cloud.url });
  });

  it('answers functions that ask for a secret parameter', async () => {
    expect(await (await api.get('/secret/token')).json()).toEqual({ value: 's3cret' });
  });

  it('fires rules when the clock is moved over HTTP, and functions see the time', async () => {
    const before = cloud.clock.now();
    const { now, fired } = await api.advance(3600);
    expect(fired).toEqual([{ rule: 'heartbeat', at: expect.stringMatching(/:00\.000Z$/) }]);
    expect(Date.parse(now)).toBeGreaterThanOrEqual(before + 3_600_000);

    const beat = await api.item('beat');
    expect(Date.parse(beat?.value ?? '')).toBe(Date.parse(fired[0]?.at ?? ''));
    expect(Date.parse(beat?.at ?? '') - Date.parse(fired[0]?.at ?? '')).toBeLessThan(30_000);
  });

  it('brings back failed messages when the clock is moved, until they are dead letters', async () => {
    await api.send('queue', 'fail');
    for (const receiveCount of ['1', '2', '3']) {
      await cloud.settled();
      expect(await api.item('fail')).toMatchObject({ value: receiveCount });
      await cloud.advance(361_000);
    }
    await cloud.settled();
    expect(await cloud.deadLetters()).toBe(1);
  });

  it('deletes expired items when the clock is moved', async () => {
    await api.send('queue', 'expiring');
    await cloud.settled();
    await cloud.advance(500_000);
    expect(await api.item('expiring')).not.toBeNull();
    await cloud.advance(200_000);
    expect(await api.item('expiring')).toBeNull();
  });

  it('kills functions as a crash would: the message comes back', async () => {
    await api.send('queue', 'hang');
    await logged('worker: hanging', 1);
    expect(await cloud.kill('worker')).toBeGreaterThanOrEqual(1);
    await cloud.settled();
    await cloud.advance(361_000);
    await logged('worker: hanging', 2);
    await expect(cloud.kill('nobody')).rejects.toThrow('There is no function nobody to kill');
    expect(await cloud.kill()).toBeGreaterThanOrEqual(1);
    await cloud.settled();
  });

  it('shows its state', async () => {
    expect(await (await api.get('/__laptop')).json()).toMatchObject({
      now: expect.stringMatching(/Z$/),
      functions: [{ name: 'api' }, { name: 'worker' }, { name: 'beat' }],
      queues: [{ name: 'Fixture-Dead' }, { name: 'Fixture-Queue', visible: 0 }, { name: 'Fixture-Parked' }],
      // Fifty are more than a laptop runs at once.
      mappings: [{ queue: 'Fixture-Queue', function: 'worker', enabled: true, maximum_concurrency: 10 }],
      rules: [{ name: 'heartbeat', schedule: 'rate(1 hour)', next: expect.stringMatching(/:00\.000Z$/) }],
    });
  });

  it('listens on 127.0.0.1 only, with all its servers', async () => {
    for (const url of [cloud.url, cloud.sqsEndpoint, cloud.dynamodbEndpoint, cloud.ssmEndpoint]) {
      const port = Number(new URL(url).port);
      expect(await knock('127.0.0.1', port)).toBe('connected');
      for (const host of otherAddresses()) expect(await knock(host, port)).toBe('ECONNREFUSED');
    }
  });

  it('holds its data folder', async () => {
    await expect(startLaptopCloud({ ...project, port: 0 })).rejects.toThrow('is in use by process');
  });
});
