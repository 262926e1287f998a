import { fileURLToPath } from 'node:url';
import { type LaptopCloud, startLaptopCloud } from '#tools/laptop-cloud/start-laptop-cloud.ts';
import { startMapbox } from '#tools/upstreams/mapbox/start-mapbox.ts';
import { defaultTenant, issueToken } from './issue-token.ts';
import { removeLocalFile, writeLocalFile } from './local-file.ts';

/** The folder of package.json. */
export const projectDir = fileURLToPath(new URL('../..', import.meta.url));

/** How to run everything on this machine. */
export interface LaptopOptions {
  readonly dataDir: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Begins with empty tables and queues. */
  readonly fresh: boolean;
  /** Where Mapbox really is, and its token; null starts the stand-in. */
  readonly mapbox: { readonly url: string; readonly token: string } | null;
  /** CDK context, as `cdk synth -c` takes it. @default none */
  readonly context?: Readonly<Record<string, string>>;
  /** See `startLaptopCloud`. */
  readonly emulatorAddress?: (url: string) => Promise<string>;
  readonly log: (line: string) => void;
}

/** A running laptop cloud with its stand-in upstreams and a token for its API. */
export interface Laptop {
  readonly cloud: LaptopCloud;
  /** The stand-in's address, for ordering faults; null when the real Mapbox is used. */
  readonly standInMapbox: string | null;
  readonly token: string;
  stop(): Promise<void>;
}

/** Starts the laptop cloud and what it needs around it; what was started is stopped again when a part fails. */
export async function runLaptop(options: LaptopOptions): Promise<Laptop> {
  await using started = new AsyncDisposableStack();
  const mapbox = options.mapbox ?? (await standInMapbox(started));
  const cloud = await startLaptopCloud({
    projectDir,
    dataDir: options.dataDir,
    port: options.port,
    fresh: options.fresh,
    environment: { MAPBOX_BASE_URL: mapbox.url },
    parameters: { '/celeriac/dev/mapbox-token': mapbox.token },
    ...(options.context && { context: options.context }),
    ...(options.emulatorAddress && { emulatorAddress: options.emulatorAddress }),
    log: options.log,
  });
  started.defer(() => cloud.stop());
  const token = await publish(cloud, options.dataDir);
  started.defer(() => removeLocalFile(options.dataDir));
  const running = started.move();
  const standIn = options.mapbox === null ? mapbox.url : null;
  return { cloud, token, standInMapbox: standIn, stop: () => running.disposeAsync() };
}

async function standInMapbox(started: AsyncDisposableStack): Promise<{ url: string; token: string }> {
  const token = 'pk.stand-in-for-laptops';
  const standIn = await startMapbox({ token });
  started.defer(() => standIn.stop());
  return { url: standIn.url, token };
}

async function publish(cloud: LaptopCloud, dataDir: string): Promise<string> {
  const table = outputOf(cloud, 'PipelineTableName');
  const wanted = { name: 'laptop', tenant: defaultTenant, scopes: ['admin'] } as const;
  const token = await issueToken({ tableName: table, endpoint: cloud.dynamodbEndpoint }, wanted);
  writeLocalFile(dataDir, {
    url: cloud.url,
    token,
    pid: process.pid,
    dynamodb_endpoint: cloud.dynamodbEndpoint,
    pipeline_table: table,
  });
  return token;
}

function outputOf(cloud: LaptopCloud, name: string): string {
  const value = cloud.outputs[name];
  if (value === undefined)
    throw new Error(`the template has no output ${name}: add it to the pipeline stack`);
  return value;
}
