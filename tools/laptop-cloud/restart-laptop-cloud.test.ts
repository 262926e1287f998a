import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knock } from './emulators/fixtures/addresses.ts';
import { apiOf } from './fixtures/api-of.ts';
import { eventually } from './fixtures/eventually.ts';
import { type FixtureProject, makeProject } from './fixtures/make-project.ts';
import { listenOnLaptop, stopListening } from './listen-on-laptop.ts';
import { type LaptopCloud, type LaptopCloudOptions, startLaptopCloud } from './start-laptop-cloud.ts';

let project: FixtureProject;
let clouds: LaptopCloud[] = [];
let children: ChildProcess[] = [];

beforeEach(() => {
  project = makeProject();
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(clouds.map((cloud) => cloud.stop()));
  clouds = [];
  children = [];
  project.remove();
});

async function start(options: Partial<LaptopCloudOptions> = {}): Promise<LaptopCloud> {
  const cloud = await startLaptopCloud({ ...project, port: 0, ...options });
  clouds.push(cloud);
  return cloud;
}

type Addresses = Record<'url' | 'sqs' | 'dynamodb' | 'ssm', string>;

/** Runs the cloud in a process of its own. */
async function startChild() {
  const child = fork(join(import.meta.dirname, 'fixtures/run-cloud.ts'), [
    project.projectDir,
    project.dataDir,
  ]);
  children.push(child);
  const [addresses] = (await once(child, 'message')) as [Addresses];
  const ports = Object.values(addresses).map((url) => Number(new URL(url).port));
  /** Resolves when no server of the cloud listens any more, those in other processes included. */
  const gone = () =>
    eventually(async () => {
      const knocks = await Promise.all(ports.map((port) => knock('127.0.0.1', port)));
      expect(knocks).toEqual(ports.map(() => 'ECONNREFUSED'));
    });
  return { child, api: apiOf(addresses.url), gone };
}

const nextFiring = async (cloud: LaptopCloud) => {
  const { rules } = (await cloud.status()) as { rules: { next: string }[] };
  return Date.parse(rules[0]?.next ?? '') - cloud.clock.now();
};

describe('a laptop cloud that is started again', () => {
  it('fires a rule at another time when the template says so', async () => {
    const first = await start();
    const inAnHour = await nextFiring(first);
    await first.stop();

    project.setSchedule('rate(5 minutes)');
    const second = await start();
    expect(inAnHour).toBeGreaterThan(3_500_000);
    expect(await nextFiring(second)).toBeLessThanOrEqual(300_000);
    const { fired } = await second.advance(600_000);
    expect(fired).toHaveLength(2);
  });

  it('goes on with its items, messages and clock, and forgets them when told to start fresh', async () => {
    const first = await start();
    await apiOf(first.url).send('queue', 'kept');
    await apiOf(first.url).send('parked', 'waiting');
    await first.settled();
    await first.advance(86_400_000);
    await first.stop();
    const parked = async (cloud: LaptopCloud) => {
      const { queues } = (await cloud.status()) as { queues: { name: string; visible: number }[] };
      return queues.find(({ name }) => name === 'Fixture-Parked')?.visible;
    };

    const second = await start();
    expect(await apiOf(second.url).item('kept')).toMatchObject({ value: '1' });
    expect(await parked(second)).toBe(1);
    expect(second.clock.offset()).toBeGreaterThan(86_300_000);
    await second.stop();

    const third = await start({ fresh: true });
    expect(await apiOf(third.url).item('kept')).toBeNull();
    expect(await parked(third)).toBe(0);
    expect(third.clock.offset()).toBe(0);
  });

  it('has what it stored before its process was killed, and the killed one leaves nothing running', async () => {
    const { child, api, gone } = await startChild();
    await api.send('parked', 'waiting');
    await api.send('queue', 'stored');
    await eventually(async () => expect(await api.item('stored')).not.toBeNull());
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await gone();

    const again = await start();
    expect(await apiOf(again.url).item('stored')).toMatchObject({ value: '1' });
    expect(await again.status()).toMatchObject({
      queues: expect.arrayContaining([expect.objectContaining({ name: 'Fixture-Parked', visible: 1 })]),
    });
  });
});

describe('a laptop cloud that is interrupted', () => {
  it('ends by itself and leaves nothing running, work in flight or not', async () => {
    const { child, api, gone } = await startChild();
    await api.send('queue', 'hang');
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    await gone();
  });
});

describe('a laptop cloud that cannot start', () => {
  it('names the resource type that it does not know', async () => {
    project.addResources({ Machine: { Type: 'AWS::EC2::Instance', Properties: {} } });
    await expect(start()).rejects.toThrow(
      'AWS::EC2::Instance (Fixture/Machine) is not known to the laptop cloud',
    );
  });

  it('names the property that it does not honour, after it had begun, and leaves nothing behind', async () => {
    const Properties = { Name: 'filtered', EventPattern: { source: ['aws.ec2'] } };
    project.addResources({ Filtered: { Type: 'AWS::Events::Rule', Properties } });
    await expect(start()).rejects.toThrow('EventPattern');
    project.addResources({});
    await start();
  });

  it('says that its port is taken', async () => {
    const other = createServer();
    const port = Number(new URL(await listenOnLaptop(other, 0)).port);
    await expect(start({ port })).rejects.toThrow(
      `port ${port} is taken: stop the other program or pass --port N`,
    );
    await stopListening(other);
    expect((await start({ port })).url).toBe(`http://127.0.0.1:${port}`);
  });
});
