import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { QueueName } from '../tasks/define-task.ts';
import { type Chances, createChances } from './chances.ts';
import { type Choices, createChoices } from './choices.ts';
import type { CodeVersion } from './implementations.ts';
import { createJournal, type Journal } from './journal.ts';
import { createLossyQueue } from './lossy-queue.ts';
import type { Observation, Observe } from './observation.ts';
import type { Plan } from './plan.ts';
import { type ProcessKind, type SimProcess, startProcess } from './process.ts';
import { openProcessPorts } from './process-ports.ts';
import type { Sabotage } from './sabotage.ts';
import { watchLimits } from './watched-limits.ts';
import { type WatchedStore, watchStore } from './watched-store.ts';

/** A process and the ports that it reaches the world by. */
export interface Running {
  readonly process: SimProcess;
  readonly ports: PipelinePorts;
}

/** Everything that a run takes place in. */
export interface World {
  readonly plan: Plan;
  readonly base: MemoryPorts;
  readonly watched: WatchedStore;
  readonly journal: Journal;
  readonly chances: Chances;
  readonly choices: Choices;
  readonly observe: Observe;
  readonly sabotage: Sabotage | null;
  /** What workers that start now run. */
  version: CodeVersion;
  /** Starts a process; it is killed after `longestMs`, if it has not ended by itself. */
  start(kind: ProcessKind, longestMs: number): Running;
  /** Milliseconds since the run began. */
  elapsed(): number;
  /** Calls `listen` when a message will be visible in so many milliseconds. */
  onMessage(listen: (queue: QueueName, ms: number) => void): void;
  tellMessage(queue: QueueName, ms: number): void;
}

/** Where an observation goes, and what a run is to be made of beside its plan. */
export interface WorldOptions {
  readonly sabotage: Sabotage | null;
  readonly keepsLines: boolean;
  see(observation: Observation): void;
}

/** Builds the world of a plan, in which nothing has happened yet. */
export function buildWorld(plan: Plan, { sabotage, keepsLines, see }: WorldOptions): World {
  const base = createMemoryPorts({ seed: plan.seed });
  const { clock } = base;
  const begun = clock.now();
  const journal = createJournal(clock, keepsLines);
  const chances = createChances(plan.weather, journal);
  const choices = createChoices(plan.seed).fork('world');
  const listeners: ((queue: QueueName, ms: number) => void)[] = [];
  const tellMessage = (queue: QueueName, ms: number) => {
    for (const listen of listeners) listen(queue, ms);
  };
  const network = { clock, chances, journal };
  const watched = watchStore(base.store, { observe: see, chances, choices: choices.fork('index') });
  const limitsFor = watchLimits(base.limits, see);
  const queueFor = createLossyQueue(base.queue, {
    ...{ observe: see, chances, journal, choices: choices.fork('messages'), onVisibleIn: tellMessage },
  });
  const started = new Map<ProcessKind, number>();

  function start(kind: ProcessKind, longestMs: number): Running {
    const nth = (started.get(kind) ?? 0) + 1;
    started.set(kind, nth);
    const id = `${kind} ${nth}`;
    const own = choices.fork(id);
    const skew = own.between(-plan.skewMs, plan.skewMs);
    const process = startProcess({ id, kind, worldClock: clock, choices: own, journal, skew });
    const services = {
      ...{ store: watched.storeFor(process), queue: queueFor(process), payloads: base.payloads },
      limits: limitsFor(process),
    };
    const sabotaged = sabotage?.services?.(services, process) ?? services;
    const ports = openProcessPorts(network, process, sabotaged, base.newId);
    troubleProcess(process, longestMs);
    return { process, ports: sabotage?.ports?.(ports, process) ?? ports };
  }

  function troubleProcess(process: SimProcess, longestMs: number): void {
    const own = process.choices.fork('trouble');
    process.onDeath(clock.after(longestMs, () => process.crash('its time is up')));
    const soon = () => own.between(1, process.kind === 'worker' ? own.pick([3000, 40_000]) : 500);
    if (chances.strikes('killed', own)) process.onDeath(clock.after(soon(), () => process.crash('killed')));
    const stall = own.pick([1000, 20_000, 70_000]);
    if (chances.strikes('stalled', own)) process.onDeath(clock.after(soon(), () => process.stall(stall)));
    const shift = own.between(-plan.skewMs, plan.skewMs);
    if (chances.strikes('clock-moved', own))
      process.onDeath(clock.after(soon(), () => process.moveClock(shift)));
  }

  return {
    ...{ plan, base, watched, journal, chances, choices, sabotage, start, tellMessage },
    observe: see,
    version: 'usual',
    elapsed: () => clock.now() - begun,
    onMessage: (listen) => void listeners.push(listen),
  };
}
