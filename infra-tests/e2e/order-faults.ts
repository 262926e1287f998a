import { expect, vi } from 'vitest';
import type { AwsCall } from '#tools/chaos/aws-call.ts';
import type { FaultAnswer } from '#tools/chaos/fault-answers.ts';
import type { FaultKind } from '#tools/chaos/fault-kinds.ts';
import { startFaultProxy } from '#tools/chaos/fault-proxy.ts';

/** Says of which calls a story speaks. */
type Strikes = (call: AwsCall) => boolean;

/** Calls that wait for their release. */
export interface HeldCalls {
  /** Resolves once so many wait, or have waited. */
  reach(count: number): Promise<void>;
  /** Lets them go on, and holds no more. */
  release(): void;
}

/** What a story does to calls on their way to DynamoDB, SQS and S3. */
export interface OrderedFaults {
  /** As `emulatorAddress` of a laptop cloud. */
  readonly before: (emulator: string) => Promise<string>;
  /** Has each such call answered in the service's stead, until the function that it returns is called. */
  answer(strikes: Strikes, answer: FaultAnswer): () => void;
  /** Holds each such call back. */
  hold(strikes: Strikes): HeldCalls;
  /** Ends every fault that is still on, so that a story that failed harms no other. */
  end(): void;
  stop(): Promise<void>;
}

/** Starts the proxies behind which faults are ordered; until then they let all pass. */
export function orderFaults(): OrderedFaults {
  const ordered = new Set<FaultKind>();
  const counts = new Map<FaultKind, number>();
  const releases: (() => void)[] = [];
  const proxy = startFaultProxy({
    choose: (call) => [...ordered].find(({ strikes }) => strikes(call)) ?? null,
    count: (kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1),
  });
  const order = (strikes: Strikes, how: FaultKind['how']): FaultKind => {
    const kind: FaultKind = { name: 'ordered', service: 'DynamoDB', strikes, strikesAll: false, how };
    ordered.add(kind);
    return kind;
  };
  return {
    before: (emulator) => proxy.before(emulator),
    answer(strikes, answer) {
      const kind = order(strikes, { kind: 'answer', answer: () => answer });
      return () => ordered.delete(kind);
    },
    hold(strikes) {
      const { promise: until, resolve } = Promise.withResolvers<void>();
      const kind = order(strikes, { kind: 'hold', until });
      releases.push(resolve);
      return {
        reach: (count) =>
          vi.waitFor(() => expect(counts.get(kind) ?? 0).toBeGreaterThanOrEqual(count), 15_000),
        release() {
          ordered.delete(kind);
          resolve();
        },
      };
    },
    end() {
      ordered.clear();
      for (const release of releases.splice(0)) release();
    },
    stop: () => proxy.stop(),
  };
}
