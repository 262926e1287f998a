import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { InvalidContext, matching, oneOf } from './context.ts';

const stageName = z.enum(['dev', 'staging', 'prod']);

const executionMode = z.enum(['async', 'inline']);

/**
 * How submitted tasks are run: `async` behind their queue, or `inline` by their worker at once, while the submission
 * waits for the end.
 */
export type ExecutionMode = z.output<typeof executionMode>;

const emulator = z.enum(['none', 'ministack', 'localstack']);

/**
 * What plays AWS: `none` is AWS itself. An emulator gets the same template but for what it cannot take, which is left out
 * where it is declared, by asking for this.
 */
export type Emulator = z.output<typeof emulator>;

const alarmChoice = z.enum(['essential', 'all']);

/** Which alarms exist: those few that tell when tasks are lost or stand still, within what is free, or all. */
export type AlarmChoice = z.output<typeof alarmChoice>;

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
  /** The share of requests, 0 to 1, whose DEBUG lines are kept too, in each function that has to do with them. */
  readonly debugSampleRate: number;
  readonly executionMode: ExecutionMode;
  readonly emulator: Emulator;
  /**
   * X-Ray follows requests from the API through queues to workers: one a second and 5 % of the others, of which AWS gives
   * 100,000 a month for free.
   */
  readonly tracing: boolean;
  /** Requests a second that the API takes, twice as many at once; the others are answered 429 by the gateway. */
  readonly requestRate: number;
  readonly alarms: AlarmChoice;
  /** The alarms' topic is encrypted with a key of its own, for a dollar a month. */
  readonly alarmKey: boolean;
  /** Who gets the alarms by mail; null for nobody yet. */
  readonly alarmEmail: string | null;
  /** The name of the policy that bounds what every role may ever do; null for none. */
  readonly permissionsBoundary: string | null;
  readonly mapbox: {
    readonly baseUrl: string;
    /** Mapbox allows results to be stored only when they were asked for as permanent, which is billed. */
    readonly permanent: boolean;
  };
  /** Tasks that ask outside services are skipped. */
  readonly externalApisDisabled: boolean;
}

const everywhere = {
  executionMode: 'async',
  emulator: 'none',
  permissionsBoundary: null,
  alarmEmail: null,
  mapbox: { baseUrl: 'https://api.mapbox.com', permanent: true },
  externalApisDisabled: false,
} as const;

const stages: Readonly<Record<StageName, StageSettings>> = {
  dev: {
    name: 'dev',
    keepsData: false,
    logRetention: RetentionDays.TWO_WEEKS,
    logLevel: 'DEBUG',
    debugSampleRate: 0,
    tracing: false,
    requestRate: 100,
    alarms: 'essential',
    alarmKey: false,
    ...everywhere,
  },
  staging: {
    name: 'staging',
    keepsData: false,
    logRetention: RetentionDays.ONE_MONTH,
    logLevel: 'INFO',
    debugSampleRate: 0.1,
    tracing: true,
    requestRate: 500,
    alarms: 'all',
    alarmKey: true,
    ...everywhere,
  },
  prod: {
    name: 'prod',
    keepsData: true,
    logRetention: RetentionDays.THREE_MONTHS,
    logLevel: 'INFO',
    debugSampleRate: 0.01,
    tracing: true,
    requestRate: 2000,
    alarms: 'all',
    alarmKey: true,
    ...everywhere,
  },
};

/** Every name of `-c name=value` that is read, by whichever part of the app. */
export const contextNames = [
  'stage',
  'executionMode',
  'emulator',
  'mapboxBaseUrl',
  'permissionsBoundary',
  'alarms',
  'alarmEmail',
  'githubRepository',
  'githubProvider',
] as const;

/** What `-c name=value` says; a name that is absent takes what its stage has. */
export type StageContext = { readonly [name in (typeof contextNames)[number]]?: unknown };

/**
 * The settings of the stage that the context names, dev when it names none, with what else the context changes.
 * @throws InvalidContext for a value that does not exist
 */
export function readStage(context: StageContext = {}): StageSettings {
  const settings = stages[oneOf(stageName, 'stage', context.stage ?? 'dev')];
  const plays = oneOf(emulator, 'emulator', context.emulator ?? settings.emulator);
  return {
    ...settings,
    executionMode: oneOf(executionMode, 'executionMode', context.executionMode ?? settings.executionMode),
    emulator: plays,
    // The emulators keep no traces.
    tracing: settings.tracing && plays === 'none',
    alarms: oneOf(alarmChoice, 'alarms', context.alarms ?? settings.alarms),
    alarmEmail: matching(z.email(), 'alarmEmail', context.alarmEmail, 'one e-mail address'),
    permissionsBoundary: matching(
      z.string().regex(/^[\w+=,.@/-]{1,128}$/),
      'permissionsBoundary',
      context.permissionsBoundary,
      'the name of a policy of the account, without its ARN',
    ),
    mapbox: {
      ...settings.mapbox,
      baseUrl: baseUrl('mapboxBaseUrl', context.mapboxBaseUrl ?? settings.mapbox.baseUrl, plays),
    },
  };
}

/** Whether alarms may be computed from several metrics or other alarms, and dashboards shown: not where AWS is played. */
export function canCompute({ emulator }: StageSettings): boolean {
  return emulator === 'none';
}

/** An address without a slash at its end. Plain HTTP would send the token in the clear, so only an emulator has it. */
function baseUrl(name: string, given: unknown, plays: Emulator): string {
  const protocol = plays === 'none' ? /^https$/ : /^https?$/;
  const parsed = z.url({ protocol }).regex(/[^/]$/).safeParse(given);
  if (parsed.success) return parsed.data;
  throw new InvalidContext(
    `${name} ${JSON.stringify(given)} is no address: give -c ${name}= an https: URL without a slash at its end` +
      (plays === 'none' ? '; http: is for emulators, see -c emulator=' : ', or an http: one'),
  );
}
