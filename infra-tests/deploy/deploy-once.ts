import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startMapbox } from '#tools/upstreams/mapbox/start-mapbox.ts';
import { type DeployedStage, deployStage, putMapboxToken } from './deploy-stage.ts';
import { prepareVenv } from './prepare-venv.ts';
import { bootstrap } from './run-cdk.ts';
import { startMinistack } from './start-ministack.ts';

declare module 'vitest' {
  /** What tests get by `inject(name)`. */
  interface ProvidedContext {
    /** The stage that stories are told on; absent when they are told on laptop clouds. */
    deployed?: DeployedStage;
  }
}

const mapboxToken = 'pk.deploy-test';

/** Vitest's global set-up: deploys the stage `dev` to an account of its own, on MiniStack, for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack();
  project.provide('cfnLint', join(dirname(await prepareVenv()), 'cfn-lint'));
  const ministack = await timed('MiniStack started', startMinistack);
  started.defer(() => ministack.stop());
  const { account } = ministack;
  const mapbox = await startMapbox({ token: mapboxToken });
  started.defer(() => mapbox.stop());
  await timed('bootstrapped', () => bootstrap(account));
  for (const stage of ['dev', 'staging'] as const) await putMapboxToken(account, stage, mapboxToken);
  const deployed = await timed('stage dev deployed', () =>
    deployStage(account, { stage: 'dev', mapboxUrl: mapbox.url }),
  );
  project.provide('deployed', deployed);
  console.log(`MiniStack prints to ${ministack.log}`);
  const running = started.move();
  return () => running.disposeAsync();
}

/** Tells how long something took, so that a slow run says where. */
async function timed<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  const result = await act();
  console.log(`${what} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return result;
}
