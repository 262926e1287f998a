import type { Choices } from '#shared/simulation/choices.ts';
import type { AwsCall, Service } from './aws-call.ts';
import { type FaultKind, faultKinds } from './fault-kinds.ts';

/** Decides which calls are struck, and counts what was done. */
export interface FaultPlan {
  /** What is to be done to this call; null lets it pass. */
  choose(call: AwsCall): FaultKind | null;
  /** Counts a fault that was really injected. */
  count(kind: FaultKind): void;
  /** How often each kind was injected, in the order of `faultKinds`. */
  readonly counts: ReadonlyMap<string, number>;
  /** Nothing is struck while this is false, as at the beginning. */
  active: boolean;
}

/** Calls from one fault to the next, on average. S3 is called seldom. */
export type FaultRates = Readonly<Record<Service, number>>;

const usualRates: FaultRates = { DynamoDB: 20, SQS: 12, S3: 2 };

/** How likely a fault is one that goes on, and for how many of the same function's same calls: the SDK tries three times. */
const bursts = { chance: 0.25, least: 2, most: 9 };

/**
 * Strikes the calls of functions, and of the laptop cloud those that the event source of Lambda makes. The gaps between
 * faults are drawn from twice the rate, and of the kinds that fit a call the one that was injected least comes first, one that
 * fits few calls before others: so that none is left to luck.
 */
export function planFaults(choices: Choices, rates: FaultRates = usualRates): FaultPlan {
  const counts = new Map(faultKinds.map(({ name }) => [name, 0]));
  /** Calls until the next fault, for calls that the same kinds fit: else one that is rare might never be met. */
  const gaps = new Map<string, number>();
  const running = new Map<string, { kind: FaultKind; left: number }>();
  const isDue = ({ service }: AwsCall, fitting: readonly FaultKind[]) => {
    const group = fitting.map(({ name }) => name).join();
    const left = (gaps.get(group) ?? choices.between(1, rates[service])) - 1;
    gaps.set(group, left > 0 ? left : choices.between(1, 2 * rates[service] - 1));
    return left <= 0;
  };
  const pickRarest = (fitting: readonly FaultKind[]) => {
    const fewest = Math.min(...fitting.map(({ name }) => counts.get(name) ?? 0));
    const rarest = fitting.filter(({ name }) => counts.get(name) === fewest);
    const special = rarest.filter(({ strikesAll }) => !strikesAll);
    return choices.pick(special.length > 0 ? special : rarest);
  };

  const plan: FaultPlan = {
    active: false,
    counts,
    count: ({ name }) => counts.set(name, (counts.get(name) ?? 0) + 1),
    choose(call) {
      if (!plan.active || !isStruck(call)) return null;
      const key = `${call.caller} ${call.service} ${call.operation}`;
      const burst = running.get(key);
      if (burst !== undefined) {
        if (--burst.left === 0) running.delete(key);
        return burst.kind;
      }
      const fitting = faultKinds.filter((kind) => kind.service === call.service && kind.strikes(call));
      if (!isDue(call, fitting)) return null;
      const kind = pickRarest(fitting);
      // Not before each kind has had its turn: a small run has few calls.
      const allSeen = fitting.every(({ name }) => name === kind.name || (counts.get(name) ?? 0) > 0);
      if (choices.chance(bursts.chance) && allSeen) {
        running.set(key, { kind, left: choices.between(bursts.least, bursts.most) });
      }
      return kind;
    },
  };
  return plan;
}

const eventSourceCalls = ['ReceiveMessage', 'DeleteMessageBatch'];

/** What the laptop cloud does to set itself up, and tools and tests, are left alone. */
function isStruck({ caller, operation }: AwsCall): boolean {
  if (caller === 'laptop-cloud') return eventSourceCalls.includes(operation);
  return caller.includes('Function');
}
