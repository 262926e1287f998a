import { timings } from '#shared/lifecycle/timings.ts';
import type { Kill } from './kill-workers.ts';
import type { ToldTask } from './read-tasks.ts';

/** A kill, and when the faults after it ceased, in milliseconds by the laptop's clock. */
export interface Death extends Kill {
  readonly calmFrom: number;
}

/** How soon the tasks of killed workers went on. */
export interface Recovery {
  /** Tasks that lost their worker, each once a death. */
  readonly victims: number;
  /** The longest that one waited, in milliseconds by the laptop's clock. */
  readonly slowestMs: number;
  readonly faults: readonly string[];
}

const bound = 3 * 60_000;

/**
 * Looks in the histories how long after its worker's death each task went on; the bound is three minutes. It is promised
 * where no message is lost on top: when faults went on after the lease of the dead worker, it counts from their end.
 */
export function checkRecovery(deaths: readonly Death[], tasks: ReadonlyMap<string, ToldTask>): Recovery {
  const waits: number[] = [];
  const faults: string[] = [];
  for (const { at, calmFrom, taskIds } of deaths) {
    const latest = (calmFrom - at <= timings.lease ? at : calmFrom) + bound;
    for (const taskId of taskIds) {
      const timeline = (tasks.get(taskId)?.timeline ?? []).map((entry) => ({
        ...entry,
        at: Date.parse(entry.at),
      }));
      const before = timeline.filter((entry) => entry.at <= at);
      // What had not begun, or had ended, lost nothing.
      if (before.at(-1)?.state !== 'STARTED') continue;
      const next = timeline[before.length];
      const waited = (next?.at ?? Number.POSITIVE_INFINITY) - at;
      // Its outcome was on its way when the worker died.
      if (next !== undefined && next.state !== 'STARTED' && waited < 1000) continue;
      waits.push(waited);
      if (at + waited <= latest) continue;
      const when = new Date(at).toISOString();
      faults.push(
        `${taskId}: its worker died at ${when}, and ${next === undefined ? 'nothing followed' : `it went on ${Math.round(waited / 1000)} s later`}`,
      );
    }
  }
  return { victims: waits.length, slowestMs: Math.max(0, ...waits), faults };
}
