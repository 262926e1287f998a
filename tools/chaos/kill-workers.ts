import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import type { Choices } from '#shared/simulation/choices.ts';
import type { RunningInvocation } from '#tools/laptop-cloud/functions/function-pool.ts';
import type { LaptopCloud } from '#tools/laptop-cloud/start-laptop-cloud.ts';
import type { ChaosLaptop } from './chaos-laptop.ts';
import type { PatientClient } from './patient-client.ts';

/** The death of one worker's thread: when, in milliseconds by the laptop's clock, and the tasks of its batch. */
export interface Kill {
  readonly at: number;
  readonly taskIds: readonly string[];
  /** Whether one of them was running: left behind by its worker, it still is. */
  readonly inMidst: boolean;
}

const batch = z.object({ Records: z.array(z.object({ body: z.string() })) });
const message = z.object({ taskId: z.string() });
const told = z.object({ state: z.string() });

const calmMs = { least: 50, most: 1000 };
/** Within which the kills of a round should be done, on average: its tasks run little longer. */
const allWithinMs = 2000;
const lookAgainMs = 20;

/**
 * Kills threads of workers at random moments, until so many have died in the midst of a task or `signal` aborts.
 * @param tenantOf whose task it is, to ask the API for its state
 */
export async function killWorkers(
  { laptop, ask, choices }: { laptop: Pick<ChaosLaptop, 'up'>; ask: PatientClient; choices: Choices },
  tenantOf: (taskId: string) => string | undefined,
  most: number,
  signal: AbortSignal,
): Promise<Kill[]> {
  const kills: Kill[] = [];
  const longestCalmMs = Math.max(calmMs.least, Math.min(calmMs.most, (2 * allWithinMs) / most));
  const runs = async (taskId: string) => {
    const tenant = tenantOf(taskId);
    if (tenant === undefined) return false;
    const { body } = await ask({ method: 'GET', path: `/api/v1/tasks/${taskId}/status`, tenant });
    return told.safeParse(body).data?.state === 'PROGRESS';
  };
  const killOne = async (): Promise<Kill | null> => {
    const cloud = await laptop.up();
    const running = runningBatches(cloud);
    if (running.length === 0) return null;
    const { event, kill } = choices.pick(running);
    const taskIds = batch.parse(event).Records.map(({ body }) => message.parse(JSON.parse(body)).taskId);
    if (!(await runs(choices.pick(taskIds)))) return null;
    const at = cloud.clock.now();
    if (!(await kill())) return null;
    const leftBehind = await Promise.all(taskIds.map(runs));
    return { at, taskIds, inMidst: leftBehind.includes(true) };
  };
  for (let wait = 0; countInMidst(kills) < most && !signal.aborted; ) {
    await pause(wait);
    const kill = await killOne();
    if (kill !== null) kills.push(kill);
    wait = kill === null ? lookAgainMs : choices.between(calmMs.least, longestCalmMs);
  }
  return kills;
}

/** How many workers died in the midst of a task. */
export function countInMidst(kills: readonly Kill[]): number {
  return kills.filter(({ inMidst }) => inMidst).length;
}

function runningBatches(cloud: LaptopCloud): RunningInvocation[] {
  const workers = new Set(cloud.mappings.map(({ spec }) => spec.functionName));
  return [...workers].flatMap((name) => cloud.functions.get(name)?.running() ?? []);
}
