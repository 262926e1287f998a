import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LaptopClock } from '../clock/laptop-clock.ts';
import type { InvocationEvent } from '../metrics/measure-functions.ts';
import { type FunctionThread, startFunctionThread } from './start-function-thread.ts';

/** One deployed function, as its template and asset describe it. */
export interface FunctionSpec {
  name: string;
  /** Folder of the unpacked bundle: a CommonJS `index.js` and what lies beside it. */
  codeDir: string;
  /** File and export, as in the template: `index.handler`. */
  handler: string;
  /** The template's variables, resolved. */
  environment: Record<string, string>;
  timeoutSeconds: number;
  memoryMb: number;
}

/** What became of one invocation; `errorType` is Lambda's word for it. */
export type InvocationResult =
  | { ok: true; payload: unknown }
  | { ok: false; errorType: string; errorMessage: string };

/** An invocation that runs now. */
export interface RunningInvocation {
  /** What the function was given. */
  readonly event: unknown;
  /** Ends its thread, as a crash would, and no other; resolves with false when it has ended by itself. */
  kill(): Promise<boolean>;
}

/** Warm threads of one function. */
export interface FunctionPool {
  readonly name: string;
  /**
   * Runs the function once, on a warm thread if one is free. Never rejects.
   * @param event any JSON value; the function gets a copy
   */
  invoke(event: unknown): Promise<InvocationResult>;
  /** Ends every living thread as a crash would, running or idle; resolves with how many there were. */
  kill(): Promise<number>;
  /** The invocations that run now. */
  running(): RunningInvocation[];
  /** Ends all threads; invocations that run or wait get `Sandbox.Stopped`. */
  stop(): Promise<void>;
}

const DEFAULT_CONCURRENCY = 10;
const STOPPED: InvocationResult = {
  ok: false,
  errorType: 'Sandbox.Stopped',
  errorMessage: 'The laptop cloud is stopping',
};

/**
 * Creates the pool of a function. No thread starts before the first invocation. A thread runs one invocation
 * at a time and keeps its module state for the next, as Lambda's execution environments do; what cannot be
 * imitated is the freeze between invocations: timers and sockets a handler leaves behind go on here.
 * @param options.maxConcurrency most invocations at once (default 10); others wait in order
 * @param options.log gets each line the function prints
 * @param options.measure is told of each invocation (default: nobody is)
 */
export function createFunctionPool(
  spec: FunctionSpec,
  options: {
    clock: LaptopClock;
    maxConcurrency?: number;
    log: (functionName: string, line: string) => void;
    measure?: (functionName: string, event: InvocationEvent) => void;
  },
): FunctionPool {
  const { clock, measure = () => undefined } = options;
  const maxConcurrency = options.maxConcurrency ?? DEFAULT_CONCURRENCY;
  const threads = new Set<FunctionThread>();
  const idle: FunctionThread[] = [];
  const busy = new Map<FunctionThread, string>();
  const waiting: { event: string; settle: (result: InvocationResult) => void }[] = [];
  let running = 0;
  let stopped = false;
  markAsCommonJs(spec.codeDir);

  const start = (): FunctionThread => {
    const thread = startFunctionThread(spec, clock, (line) => options.log(spec.name, line));
    threads.add(thread);
    void thread.ended.then(() => {
      threads.delete(thread);
      const index = idle.indexOf(thread);
      if (index >= 0) idle.splice(index, 1);
    });
    return thread;
  };

  const run = async (event: string): Promise<InvocationResult> => {
    running += 1;
    measure(spec.name, { kind: 'began', running });
    const startedAt = clock.now();
    try {
      const thread = idle.pop() ?? start();
      busy.set(thread, event);
      const result = await thread.invoke(event);
      busy.delete(thread);
      // A clock that was moved may have gone further than an invocation can.
      const durationMs = Math.min(clock.now() - startedAt, spec.timeoutSeconds * 1000);
      measure(spec.name, { kind: 'ended', startedAt, durationMs, ok: result.ok });
      if (thread.isAlive()) idle.push(thread);
      return stopped && !result.ok ? STOPPED : result;
    } finally {
      running -= 1;
      const next = waiting.shift();
      if (next !== undefined) void run(next.event).then(next.settle);
    }
  };

  const end = async (): Promise<number> => {
    const living = [...threads];
    await Promise.all(living.map((thread) => thread.end()));
    return living.length;
  };

  return {
    name: spec.name,
    invoke: (event) => {
      if (stopped) return Promise.resolve(STOPPED);
      const serialised = JSON.stringify(event ?? null);
      if (running < maxConcurrency) return run(serialised);
      measure(spec.name, { kind: 'waits' });
      return new Promise((settle) => waiting.push({ event: serialised, settle }));
    },
    kill: end,
    running: () =>
      [...busy].map(([thread, event]) => ({
        event: JSON.parse(event),
        kill: async () => {
          if (busy.get(thread) !== event) return false;
          await thread.end();
          return true;
        },
      })),
    stop: async () => {
      stopped = true;
      for (const { settle } of waiting.splice(0)) settle(STOPPED);
      await end();
    },
  };
}

/** A bundle is CommonJS, but under a package of `"type": "module"` Node would load it as an ES module. */
function markAsCommonJs(codeDir: string): void {
  const path = join(codeDir, 'package.json');
  if (!existsSync(path)) writeFileSync(path, '{"type":"commonjs"}\n');
}
