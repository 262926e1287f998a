import { defaultTenant, issueToken } from '#tools/cli/issue-token.ts';
import { runLaptop } from '#tools/cli/run-laptop.ts';
import type { LaptopCloud } from '#tools/laptop-cloud/start-laptop-cloud.ts';
import { startMapbox } from '#tools/upstreams/mapbox/start-mapbox.ts';
import { makeDataDir } from './data-dir.ts';
import { type LaptopPowers, laptopPowers } from './laptop-powers.ts';
import type { Target } from './target.ts';

/** A laptop cloud of a test file's own. */
export interface LaptopTarget {
  readonly target: Target;
  readonly powers: LaptopPowers;
  /** For what has no power of its own. */
  readonly cloud: LaptopCloud;
  /** Where its data and its `local.json` are. */
  readonly dataDir: string;
  stop(): Promise<void>;
}

/** The only token that the stand-in for Mapbox accepts. */
export const mapboxToken = 'pk.end-to-end';

/**
 * Starts the whole pipeline on this machine, in a data folder of its own.
 * @param options.workersToken the Mapbox token that the workers are given. @default the right one
 * @param options.context CDK context, as `cdk synth -c` takes it; another synthesis, so it takes its seconds
 * @param options.emulatorAddress puts a proxy before the emulators: see `startLaptopCloud`. @default none
 */
export async function startLaptopTarget(
  options: {
    workersToken?: string;
    context?: Readonly<Record<string, string>>;
    emulatorAddress?: (url: string) => Promise<string>;
  } = {},
): Promise<LaptopTarget> {
  await using started = new AsyncDisposableStack();
  const dataDir = await makeDataDir();
  started.defer(() => dataDir.remove());
  const mapbox = await startMapbox({ token: mapboxToken });
  started.defer(() => mapbox.stop());
  const printed: string[] = [];
  const laptop = await runLaptop({
    dataDir: dataDir.path,
    port: 0,
    fresh: false,
    mapbox: { url: mapbox.url, token: options.workersToken ?? mapboxToken },
    ...(options.context && { context: options.context }),
    ...(options.emulatorAddress && { emulatorAddress: options.emulatorAddress }),
    log: (line) => printed.push(line),
  });
  started.defer(() => laptop.stop());

  const { cloud, token } = laptop;
  const tableName = cloud.outputs['PipelineTableName'] ?? '';
  const powers = laptopPowers(cloud, printed);
  started.defer(() => powers.close());
  const running = started.move();
  return {
    target: {
      url: cloud.url,
      token,
      tenant: defaultTenant,
      mapboxUrl: mapbox.url,
      issueToken: (wanted) => issueToken({ tableName, endpoint: cloud.dynamodbEndpoint }, wanted),
      now: cloud.clock.now,
      async passTime(seconds) {
        await cloud.advance(seconds * 1000);
      },
    },
    powers,
    cloud,
    dataDir: dataDir.path,
    stop: () => running.disposeAsync(),
  };
}
