import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';

const stageName = z.enum(['dev', 'staging', 'prod']);

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
  readonly mapbox: {
    readonly baseUrl: string;
    /** Mapbox allows results to be stored only when they were asked for as permanent, which is billed. */
    readonly permanent: boolean;
  };
}

const mapbox = { baseUrl: 'https://api.mapbox.com', permanent: true };

const stages: Readonly<Record<StageName, StageSettings>> = {
  dev: { name: 'dev', keepsData: false, logRetention: RetentionDays.TWO_WEEKS, logLevel: 'DEBUG', mapbox },
  staging: {
    name: 'staging',
    keepsData: false,
    logRetention: RetentionDays.ONE_MONTH,
    logLevel: 'INFO',
    mapbox,
  },
  prod: { name: 'prod', keepsData: true, logRetention: RetentionDays.THREE_MONTHS, logLevel: 'INFO', mapbox },
};

/** Thrown for a stage that does not exist; the message names those that do. */
export class UnknownStage extends Error {
  override name = 'UnknownStage';
}

/**
 * The settings of the stage named by `-c stage=…`; dev when none is named.
 * @throws UnknownStage for any other value
 */
export function readStage(context: unknown): StageSettings {
  const parsed = stageName.default('dev').safeParse(context);
  if (!parsed.success) {
    throw new UnknownStage(
      `stage ${JSON.stringify(context)} is unknown: give -c stage= one of ${stageName.options.join(', ')}`,
    );
  }
  return stages[parsed.data];
}
