import type { LaptopClock } from './clock/laptop-clock.ts';
import { createFunctionPool, type FunctionPool, type FunctionSpec } from './functions/function-pool.ts';
import type { MappingSpec } from './mappings/run-mapping.ts';
import type { InvocationEvent } from './metrics/measure-functions.ts';
import type { Backends } from './start-backends.ts';

/** Requests at once, where AWS has a thousand: each holds a thread, a long poll too. */
const REQUESTS_AT_ONCE = 20;

/**
 * Adds what a function needs to know on a laptop to what its template says.
 * @param given replaces variables that the template declares, and adds none
 */
export function laptopEnvironment(
  declared: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
  { forFunctions, controlUrl }: Pick<Backends, 'forFunctions' | 'controlUrl'>,
): Record<string, string> {
  const replaced = Object.entries(given).filter(([name]) => Object.hasOwn(declared, name));
  return {
    ...declared,
    ...Object.fromEntries(replaced),
    AWS_ENDPOINT_URL_SQS: forFunctions.queuesUrl,
    AWS_ENDPOINT_URL_S3: forFunctions.queuesUrl,
    AWS_ENDPOINT_URL_DYNAMODB: forFunctions.tablesUrl,
    AWS_ENDPOINT_URL_SSM: controlUrl,
    AWS_ENDPOINT_URL_LAMBDA: controlUrl,
    // Every other service: it is refused there by name, and no call leaves the laptop.
    AWS_ENDPOINT_URL: controlUrl,
  };
}

/** Creates a pool for each function, by name, with room for all that its mappings may run at once. */
export function createPools(
  functions: readonly FunctionSpec[],
  mappings: readonly MappingSpec[],
  options: {
    clock: LaptopClock;
    log: (functionName: string, line: string) => void;
    measure: (functionName: string, event: InvocationEvent) => void;
  },
): Map<string, FunctionPool> {
  return new Map(
    functions.map((spec) => {
      const mapped = mappings
        .filter(({ functionName }) => functionName === spec.name)
        .reduce((sum, { maximumConcurrency }) => sum + maximumConcurrency, 0);
      return [
        spec.name,
        createFunctionPool(spec, { ...options, maxConcurrency: mapped || REQUESTS_AT_ONCE }),
      ];
    }),
  );
}
