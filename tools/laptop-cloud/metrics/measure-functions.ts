import type { RecordMetric } from './metric-store.ts';

/** What a pool of a function's threads tells of its invocations. */
export type InvocationEvent =
  /** There was no room, so it waits, where Lambda would have refused it. */
  | { kind: 'waits' }
  /** It runs, the `running`th of its function at this moment. */
  | { kind: 'began'; running: number }
  /** It began at `startedAt` and ran for `durationMs`, both by the laptop's clock. */
  | { kind: 'ended'; startedAt: number; durationMs: number; ok: boolean };

/** Gets what happens to functions, and samples what goes on. */
export interface FunctionMeasurement {
  tell(functionName: string, event: InvocationEvent): void;
  /** Tells how many invocations run at a moment, where any do. */
  sample(at: number): void;
}

/**
 * Tells Lambda's metrics, for the function and for all functions together (no dimension). As on AWS, the minute in
 * which an invocation began is the one that counts, however long it ran.
 * Source: AWS Lambda Developer Guide, "Types of metrics for Lambda functions".
 */
export function measureFunctions(record: RecordMetric, now: () => number): FunctionMeasurement {
  const running = new Map<string, number>();
  const tellRunning = (functionName: string, at: number) => {
    const all = [...running.values()].reduce((sum, count) => sum + count, 0);
    const metric = { namespace: 'AWS/Lambda', name: 'ConcurrentExecutions' };
    record({ ...metric, dimensions: { FunctionName: functionName } }, running.get(functionName) ?? 0, at);
    record({ ...metric, dimensions: {} }, all, at);
  };

  const tell = (functionName: string, event: InvocationEvent) => {
    const add = (name: string, value: number, at: number) => {
      for (const dimensions of [{ FunctionName: functionName }, {}]) {
        record({ namespace: 'AWS/Lambda', name, dimensions }, value, at);
      }
    };
    switch (event.kind) {
      case 'waits':
        add('Throttles', 1, now());
        break;
      case 'began':
        running.set(functionName, event.running);
        tellRunning(functionName, now());
        break;
      case 'ended':
        running.set(functionName, Math.max(0, (running.get(functionName) ?? 0) - 1));
        add('Invocations', 1, event.startedAt);
        add('Errors', event.ok ? 0 : 1, event.startedAt);
        add('Throttles', 0, event.startedAt);
        add('Duration', event.durationMs, event.startedAt);
    }
  };
  return {
    tell,
    sample: (at) => {
      for (const [functionName, count] of running) if (count > 0) tellRunning(functionName, at);
    },
  };
}
