import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';

const stageName = z.enum(['dev', 'staging', 'prod']);

const executionMode = z.enum(['async', 'inline']);

/**
 * How submitted tasks are run: `async` behind their queue, or `inline` by their worker at once, while the submission
 * waits for the end.
 */
export type ExecutionMode = z.output<typeof executionMode>;

/** The deployments of the pipeline that may live side by side in one account. */
export type StageName = z.output<typeof stageName>;

/** What differs between deployments; everything else is the same in each. */
export interface StageSettings {
  readonly name: StageName;
  /** Tables, payloads and logs outlive their stack, and the stacks refuse to be deleted. */
  readonly keepsData: boolean;
  readonly logRetention: RetentionDays;
  /** The least severe log line that is kept. Metrics travel as INFO lines, so nothing above INFO. */
  readonly logLevel: 'DEBUG' | 'INFO';
  readonly executionMode: ExecutionMode;
  readonly mapbox: {
    readonly baseUrl: string;
    /** Mapbox allows results to be stored only when they were asked for as permanent, which is billed. */
    readonly permanent: boolean;
  };
  /** Tasks that ask outside services are skipped. */
  readonly externalApisDisabled: boolean;
}

const outside = {
  mapbox: { baseUrl: 'https://api.mapbox.com', permanent: true },
  externalApisDisabled: false,
};

const stages: Readonly<Record<StageName, StageSettings>> = {
  dev: {
    name: 'dev',
    keepsData: false,
    logRetention: RetentionDays.TWO_WEEKS,
    logLevel: 'DEBUG',
    executionMode: 'async',
    ...outside,
  },
  staging: {
    name: 'staging',
    keepsData: false,
    logRetention: RetentionDays.ONE_MONTH,
    logLevel: 'INFO',
    executionMode: 'async',
    ...outside,
  },
  prod: {
    name: 'prod',
    keepsData: true,
    logRetention: RetentionDays.THREE_MONTHS,
    logLevel: 'INFO',
    executionMode: 'async',
    ...outside,
  },
};

/** Thrown for a context value that does not exist; the message names those that do. */
export class InvalidContext extends Error {
  override name = 'InvalidContext';
}

/**
 * The settings of the stage named by `-c stage=…`, dev when none is named, with the execution mode of
 * `-c executionMode=…`, the stage's own when none is given.
 * @throws InvalidContext for any other value
 */
export function readStage(stage: unknown, mode?: unknown): StageSettings {
  const settings = stages[oneOf(stageName, 'stage', stage ?? 'dev')];
  return {
    ...settings,
    executionMode: oneOf(executionMode, 'executionMode', mode ?? settings.executionMode),
  };
}

function oneOf<Value extends string>(
  known: z.ZodType<Value> & { readonly options: readonly Value[] },
  name: string,
  given: unknown,
): Value {
  const parsed = known.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new InvalidContext(
    `${name} ${JSON.stringify(given)} is unknown: give -c ${name}= one of ${known.options.join(', ')}`,
  );
}
