import type { ChaosReport } from './run-chaos.ts';

const mostViolations = 30;

/** A report for people, in lines. */
export function tellReport(report: ChaosReport): string {
  const { faults, ledger, kills, recovery, effects, tasks, letters, movedMs, restarts, violations } = report;
  const injected = [...faults.values()].reduce((sum, count) => sum + count, 0);
  const states = Map.groupBy(tasks.values(), ({ state }) => state);
  const byFaults = [...tasks.values()].filter(
    ({ state, error }) => state === 'FAILURE' && !['HalfWay', 'LocationNotFound'].includes(error?.type ?? ''),
  );
  const shown = violations.slice(0, mostViolations);
  return [
    '',
    `Injected faults: ${injected}`,
    ...[...faults].map(([name, count]) => `  ${name.padEnd(36)}${String(count).padStart(6)}`),
    `Killed workers: ${kills.length}, of which ${recovery.victims} tasks lost theirs; the slowest went on after ${Math.round(recovery.slowestMs / 1000)} s`,
    `Restarts of the cloud: ${restarts}`,
    `Clock moved by ${Math.round(movedMs / 60_000)} minutes, while nothing ran`,
    `Requests accepted: ${[...ledger.counts].map(([name, count]) => `${count} ${name}`).join(', ')}`,
    `Tasks: ${[...states].map(([state, { length }]) => `${length} ${state}`).join(', ')}; ${byFaults.length} failed of injected faults or lost workers`,
    `Dead letters: ${letters}`,
    `Effects: ${effects.recorded} recorded, ${effects.unrecorded} happened again before they were recorded`,
    '',
    ...(violations.length === 0
      ? [
          `Nothing was lost: ${tasks.size} of ${ledger.entries.length} accepted tasks are there and have ended; 0 recorded effects repeated.`,
        ]
      : [`Violations: ${violations.length}`, ...shown.map((violation) => `  ${violation}`)]),
    ...(violations.length > shown.length ? [`  and ${violations.length - shown.length} more`] : []),
  ].join('\n');
}
