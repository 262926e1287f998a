import * as z from 'zod';
import type { MetricId } from './metric-store.ts';

/** One value that a log line tells. */
export interface EmbeddedValue {
  metric: MetricId;
  value: number;
  /** Milliseconds since the epoch. */
  at: number;
}

/** What a log line tells: values, and what CloudWatch would not take of it, each with the reason. */
export interface EmbeddedMetrics {
  values: EmbeddedValue[];
  faults: string[];
}

const Directive = z.object({
  Namespace: z.string().min(1),
  Dimensions: z.array(z.array(z.string()).max(30, 'a dimension set has 30 keys at most')).min(1),
  Metrics: z.array(z.object({ Name: z.string().min(1) })).max(100, 'a directive has 100 metrics at most'),
});

const Metadata = z.object({
  Timestamp: z.int().min(0),
  CloudWatchMetrics: z.array(Directive),
});

/** A target: a number, or up to 100 of them. */
const Target = z.union([z.number().transform((value) => [value]), z.array(z.number()).max(100)]);

/**
 * Reads the metrics in a line of a function's output, if it is of the embedded metric format: for each directive, every
 * metric in every dimension set. A metric or dimension whose target is missing or of another type is a fault, and the
 * rest counts.
 * Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
 */
export function readEmbeddedMetrics(line: string): EmbeddedMetrics {
  const root = rootOf(line);
  if (root === null) return { values: [], faults: [] };
  const metadata = Metadata.safeParse(root['_aws']);
  if (!metadata.success) return { values: [], faults: [`_aws: ${z.prettifyError(metadata.error)}`] };

  const { Timestamp: at, CloudWatchMetrics } = metadata.data;
  const found: EmbeddedMetrics = { values: [], faults: [] };
  for (const { Namespace: namespace, Dimensions, Metrics } of CloudWatchMetrics) {
    const sets = Dimensions.map((keys) => dimensionsOf(root, keys, found.faults)).filter(
      (set) => set !== null,
    );
    for (const { Name: name } of Metrics) {
      const target = Target.safeParse(root[name]);
      if (!target.success) found.faults.push(`${name} is no number and no list of up to 100 numbers`);
      for (const dimensions of sets) {
        for (const value of target.data ?? []) {
          found.values.push({ metric: { namespace, name, dimensions }, value, at });
        }
      }
    }
  }
  return found;
}

/** The line's JSON object, when it has metadata. */
function rootOf(line: string): Record<string, unknown> | null {
  if (!line.includes('"_aws"')) return null;
  try {
    const root: unknown = JSON.parse(line);
    return typeof root === 'object' && root !== null && Object.hasOwn(root, '_aws') ? { ...root } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function dimensionsOf(
  root: Record<string, unknown>,
  keys: readonly string[],
  faults: string[],
): Record<string, string> | null {
  const dimensions: Record<string, string> = {};
  for (const key of keys) {
    const value = root[key];
    if (typeof value !== 'string') {
      faults.push(`the dimension ${key} is no text`);
      return null;
    }
    dimensions[key] = value;
  }
  return dimensions;
}
