import { issueToken } from '#tools/cli/issue-token.ts';
import { type Laptop, runLaptop } from '#tools/cli/run-laptop.ts';
import type { LaptopCloud } from '#tools/laptop-cloud/start-laptop-cloud.ts';
import { startFaultProxy } from './fault-proxy.ts';
import type { FaultPlan } from './plan-faults.ts';
import { tenants } from './plan-tasks.ts';

/** A laptop cloud behind fault proxies, which can be stopped and started again on what it has stored. */
export interface ChaosLaptop {
  /** The cloud that runs, or the next one while it is being restarted. */
  up(): Promise<LaptopCloud>;
  /** A tenant's token, good for every restart. */
  token(tenant: string): string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface Running {
  readonly laptop: Laptop;
  stop(): Promise<void>;
}

/** Starts it empty; `log` gets what functions print and what the laptop cloud says. */
export async function startChaosLaptop(options: {
  readonly dataDir: string;
  readonly plan: FaultPlan;
  readonly log: (line: string) => void;
}): Promise<ChaosLaptop> {
  let running = start(options, true);
  const { laptop, stop } = await running;
  const tokens = await issueTokens(laptop).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    up: async () => (await running).laptop.cloud,
    token(tenant) {
      const token = tokens.get(tenant);
      if (token === undefined) throw new Error(`there is no tenant ${tenant}`);
      return token;
    },
    async restart() {
      const before = running;
      running = before.then(async (old) => {
        await old.stop();
        return start(options, false);
      });
      await running;
    },
    // A restart that failed has left nothing to be stopped, and told its reason.
    stop: () =>
      running.then(
        (last) => last.stop(),
        () => undefined,
      ),
  };
}

async function start(
  { dataDir, plan, log }: Parameters<typeof startChaosLaptop>[0],
  fresh: boolean,
): Promise<Running> {
  const proxy = startFaultProxy(plan);
  try {
    const laptop = await runLaptop({
      ...{ dataDir, port: 0, fresh, mapbox: null, log },
      emulatorAddress: (url) => proxy.before(url),
    });
    let stopped: Promise<void> | undefined;
    const stop = async () => {
      await laptop.stop();
      await proxy.stop();
    };
    return {
      laptop,
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (error) {
    await proxy.stop();
    throw error;
  }
}

async function issueTokens({ cloud }: Laptop): Promise<Map<string, string>> {
  const table = { tableName: cloud.outputs['PipelineTableName'] ?? '', endpoint: cloud.dynamodbEndpoint };
  const tokens = tenants.map(async (tenant) => {
    const wanted = { name: 'chaos', tenant, scopes: ['operate'] } as const;
    return [tenant, await issueToken(table, wanted)] as const;
  });
  return new Map(await Promise.all(tokens));
}
