import type { Clock } from '../../ports/clock.ts';
import type { PipelinePorts } from '../../ports/pipeline-ports.ts';
import type { Moment, PortCall } from './moments.ts';

/** No answer came in time; the call was done nevertheless. */
export class NoAnswer extends Error {
  override name = 'TimeoutError';
}

/** A process that waits at a call until the test lets it go on. */
export interface Pause {
  readonly reached: Promise<void>;
  release(): void;
}

/** A process of which a test says at which calls of its ports it dies, waits or hears no answer; each happens once. */
export interface ScriptedProcess {
  readonly ports: PipelinePorts;
  isAlive(): boolean;
  /** The process is gone: its timers never fire, its calls never return. */
  die(): void;
  /** Resolves when the process has died. */
  readonly death: Promise<void>;
  diesBefore(moment: Moment): void;
  diesAfter(moment: Moment): void;
  pausesBefore(moment: Moment): Pause;
  pausesAfter(moment: Moment): Pause;
  /** The call is done, its answer lost, and the client makes the very same call again, as the SDK does. */
  asksAgain(moment: Moment): void;
  /** The call is done, but every answer is lost: it throws NoAnswer. */
  hearsNothingOf(moment: Moment): void;
  /** Blocks the event loop: no timer fires and no answer is heard meanwhile. Resolves for the code that blocked. */
  block(ms: number): Promise<void>;
  sleep(ms: number): Promise<void>;
  /** What was to happen and did not. */
  untold(): string[];
}

type Call = () => Promise<unknown>;
type Cue = { readonly moment: Moment; readonly around: (call: Call) => Promise<unknown> };

function never<Value>(): Promise<Value> {
  return new Promise(() => undefined);
}

/** Starts a process on the ports of the world. */
export function startScriptedProcess(world: PipelinePorts): ScriptedProcess {
  const cues: Cue[] = [];
  const { promise: death, resolve: died } = Promise.withResolvers<void>();
  let alive = true;
  let late: (() => void)[] | null = null;

  function whenAble(run: () => void): void {
    if (!alive) return;
    if (late === null) run();
    else late.push(run);
  }

  const clock: Clock = {
    now: world.clock.now,
    after(ms, run) {
      let isSet = true;
      const cancel = world.clock.after(ms, () => whenAble(() => isSet && run()));
      return () => {
        isSet = false;
        cancel();
      };
    },
  };

  async function make(call: PortCall, apply: Call): Promise<unknown> {
    const index = cues.findIndex(({ moment }) => moment.matches(call));
    const [cue] = index < 0 ? [] : cues.splice(index, 1);
    const whileAlive: Call = () => (alive ? apply() : never());
    try {
      return await (cue ? cue.around(whileAlive) : whileAlive());
    } finally {
      await new Promise<void>(whenAble);
    }
  }

  function over<Port extends object>(name: string, port: Port): Port {
    const methods = Object.entries(port).map(
      ([method, apply]: [string, (...given: unknown[]) => Promise<unknown>]) => [
        method,
        (...given: unknown[]) => make({ name: `${name}.${method}`, given }, () => apply(...given)),
      ],
    );
    return Object.fromEntries(methods) as Port;
  }

  function die(): void {
    alive = false;
    died();
  }

  function pause(moment: Moment, around: (wait: () => Promise<void>) => Cue['around']): Pause {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const wait = () => {
      reached.resolve();
      return released.promise;
    };
    cues.push({ moment, around: around(wait) });
    return { reached: reached.promise, release: released.resolve };
  }

  return {
    ports: {
      ...{ clock, random: world.random, newId: world.newId },
      store: over('store', world.store),
      queue: over('queue', world.queue),
      payloads: over('payloads', world.payloads),
      limits: over('limits', world.limits),
    },
    isAlive: () => alive,
    die,
    death,
    diesBefore(moment) {
      cues.push({ moment, around: async () => die() });
    },
    diesAfter(moment) {
      cues.push({ moment, around: (call) => call().finally(die) });
    },
    pausesBefore: (moment) => pause(moment, (wait) => (call) => wait().then(call)),
    pausesAfter(moment) {
      return pause(moment, (wait) => async (call) => {
        const answer = await call();
        await wait();
        return answer;
      });
    },
    asksAgain(moment) {
      cues.push({ moment, around: (call) => call().then(call) });
    },
    hearsNothingOf(moment) {
      const fail = () => Promise.reject(new NoAnswer(`${moment.says} was not answered`));
      cues.push({ moment, around: (call) => call().then(fail) });
    },
    async block(ms) {
      late = [];
      await new Promise<void>((resolve) => world.clock.after(ms, resolve));
      // The code that blocked goes on first; what fell due meanwhile comes after it.
      world.clock.after(0, () => {
        const waiting = late ?? [];
        late = null;
        for (const run of waiting) whenAble(run);
      });
    },
    sleep: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
    untold: () => cues.map(({ moment }) => moment.says),
  };
}
