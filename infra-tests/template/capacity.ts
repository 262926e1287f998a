import { timelineShards } from '#shared/aws/table-schema.ts';
import { attentionShards } from '#shared/ports/task-store.ts';

/** What the template says of the worker of short tasks and of the API. */
export interface DeployedCapacity {
  /** Messages an invocation gets at most. */
  readonly batchSize: number;
  /** Invocations that the `default` queue may run at a time. */
  readonly maxConcurrency: number;
  /** Megabytes, of worker and API alike. */
  readonly memorySize: number;
}

/** What nobody has measured on AWS: docs/capacity.md says where each number comes from. Times in milliseconds. */
export const assumed = {
  apiMs: 60,
  /** Of an invocation beside the work: reading, claiming and recording, side by side for a whole batch. */
  recordingMs: 40,
  /** Of a whole processor, for each task. */
  processorMs: 6,
  reconcileMs: 20,
  logBytes: { task: 2650, invocation: 600, access: 350 },
} as const;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html */
const partitionWrites = 1000;
/** Memory, in megabytes, at which Lambda gives a whole processor. */
const wholeProcessor = 1769;
const reconcilerSeconds = 45;

/** As `write units` of the pipeline's table are counted: of the table itself and of its indexes, for a task. */
export const writesOfTask = { table: 3, attention: 2, timeline: 1 } as const;

/** List prices, us-east-1, in dollars. */
const price = {
  httpRequest: 1e-6,
  invocation: 0.2e-6,
  armGigabyteSecond: 0.0000133334,
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  sqsRequest: 0.4e-6,
  logGigabyte: 0.5,
} as const;

const secondsOfMonth = 730 * 3600;

/** Milliseconds that an invocation takes for a batch of tasks that wait side by side and share its processor. */
export function batchMs(taskMs: number, batch: number, { memorySize }: DeployedCapacity): number {
  const processor = (batch * assumed.processorMs * wholeProcessor) / memorySize;
  return assumed.recordingMs + Math.max(taskMs, processor);
}

/** Invocations at a time that a rate of tasks a second needs. */
export function workersFor(rate: number, taskMs: number, batch: number, deployed: DeployedCapacity): number {
  return Math.ceil((rate * batchMs(taskMs, batch, deployed)) / 1000 / batch);
}

/** Dollars that a million tasks cost beside what idles, from the request to the last log line. */
export function millionCosts(taskMs: number, batch: number, deployed: DeployedCapacity): number {
  const gigabytes = deployed.memorySize / 1024;
  const units = Object.values(writesOfTask).reduce((sum, each) => sum + each, 0);
  const seconds = (assumed.apiMs + batchMs(taskMs, batch, deployed) / batch) / 1000;
  const each =
    price.httpRequest +
    price.invocation * (1 + 1 / batch) +
    price.armGigabyteSecond * gigabytes * seconds +
    price.writeUnit * units +
    price.readUnit +
    price.sqsRequest * (1 + 2 / batch) +
    (price.logGigabyte * logBytes(batch)) / 1e9;
  return each * 1e6;
}

function logBytes(batch: number): number {
  const { task, invocation, access } = assumed.logBytes;
  return task + access + invocation * (1 + 1 / batch);
}

/** The lines of the table of docs/capacity.md, one a rate. */
export function capacityRows(rates: readonly number[], deployed: DeployedCapacity): string[] {
  const batches = [1, deployed.batchSize];
  return rates.map((rate) => {
    const workers = (taskMs: number) =>
      batches.map((batch) => words(workersFor(rate, taskMs, batch, deployed))).join(' – ');
    const million = (rate * secondsOfMonth) / 1e6;
    const dollars = (taskMs: number) =>
      batches.map((batch) => words(rounded(million * millionCosts(taskMs, batch, deployed)))).join(' – ');
    const { table, attention, timeline } = writesOfTask;
    const cells = [
      words(rate),
      workers(100),
      workers(1000),
      words(Math.ceil((rate * assumed.apiMs) / 1000)),
      [table, attention, timeline].map((units) => words(rate * units)).join(', '),
      `${partition((rate * attention) / attentionShards.length)}, ${partition((rate * timeline) / timelineShards)}`,
      `${words(rounded((rate * 86_400 * logBytes(1)) / 1e9))} GB`,
      dollars(100),
      dollars(1000),
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

/** Where the deployed design ends: tasks a second, by what ends it. */
export function ceilings(deployed: DeployedCapacity): Readonly<Record<string, number>> {
  const { batchSize, maxConcurrency } = deployed;
  const full = (taskMs: number) => (maxConcurrency * batchSize * 1000) / batchMs(taskMs, batchSize, deployed);
  return {
    attention: (partitionWrites * attentionShards.length) / writesOfTask.attention,
    timeline: (partitionWrites * timelineShards) / writesOfTask.timeline,
    'workers, 100 ms': rounded(full(100)),
    'workers, 1 s': rounded(full(1000)),
    reconciler: (attentionShards.length * reconcilerSeconds * 1000) / assumed.reconcileMs / 60,
  };
}

/** More than a partition takes stands out. */
function partition(units: number): string {
  return units > partitionWrites ? `**${words(units)}**` : words(units);
}

/** Two digits that count: all others would pretend to know. */
function rounded(value: number): number {
  return Number(value.toPrecision(2));
}

/** As docs write numbers: 10,400. */
export function words(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
