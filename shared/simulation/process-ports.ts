import type { LimitStore } from '../ports/limit-store.ts';
import type { PayloadStore } from '../ports/payload-store.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { TaskQueue } from '../ports/task-queue.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { type CallMeans, callPort } from './call-port.ts';
import type { SimProcess } from './process.ts';

/** The services behind the network, which all processes share. */
export interface Services {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly payloads: PayloadStore;
  readonly limits: LimitStore;
}

/** The ports of one process: every call of every port travels over the network, and may fail on the way. */
export function openProcessPorts(
  means: CallMeans,
  process: SimProcess,
  services: Services,
  newId: () => string,
): PipelinePorts {
  return {
    store: overNetwork(means, process, 'store', services.store),
    queue: overNetwork(means, process, 'queue', services.queue),
    payloads: overNetwork(means, process, 'payloads', services.payloads),
    limits: overNetwork(means, process, 'limits', services.limits),
    clock: process.clock,
    random: process.choices.fraction,
    newId,
  };
}

type Method = (...given: readonly unknown[]) => Promise<unknown>;

/** Wraps each method that the port has, so that none that is added later escapes. */
function overNetwork<Port extends object>(
  means: CallMeans,
  process: SimProcess,
  portName: string,
  port: Port,
): Port {
  const wrapped = Object.entries(port).map(([name, method]: [string, Method]) => [
    name,
    (...given: readonly unknown[]) => {
      const apply = () => method(...given);
      const call = { name: `${portName}.${name}`, taskId: taskOf(given) };
      return callPort(means, process, {
        ...call,
        apply: transactions.includes(call.name) ? once(apply) : apply,
      });
    },
  ]);
  return Object.fromEntries(wrapped) as Port;
}

/** Calls that are one transaction under one token: a try that comes after another was done repeats nothing. */
const transactions: readonly string[] = ['store.saveStep'];

function once<Value>(apply: () => Promise<Value>): () => Promise<Value> {
  let done: Promise<Value> | null = null;
  return () => {
    done ??= apply();
    return done;
  };
}

const payloadKey = /^payloads\/([^/]+)\//;

/** Which task a call is about, by what it was given; for the journal only. */
function taskOf(given: readonly unknown[]): string | null {
  for (const value of given) {
    if (typeof value === 'object' && value !== null && 'taskId' in value) return String(value.taskId);
  }
  const [first] = given;
  if (typeof first !== 'string') return null;
  return payloadKey.exec(first)?.[1] ?? first;
}
