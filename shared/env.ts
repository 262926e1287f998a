import * as z from 'zod';

const text = z.string();
const webAddress = z.url({ protocol: /^https?$/ });

/** Every variable that any of our functions reads; the description says what it is for. */
const variables = {
  STAGE: text.regex(/^[a-z][a-z0-9-]{0,19}$/).describe('the name of the deployment, for example "dev"'),
  LOG_LEVEL: z
    .enum(['DEBUG', 'INFO', 'WARN', 'ERROR'])
    .default('INFO')
    .describe('the lowest level that is logged'),
  DEBUG_SAMPLE_RATE: z
    .string()
    .default('0')
    .transform(Number)
    .pipe(z.number().min(0).max(1))
    .describe('the share of requests (0 to 1) whose DEBUG lines are logged whatever the level'),
  PIPELINE_TABLE_NAME: text.describe('the DynamoDB table of tasks and tokens'),
  PAYLOAD_BUCKET_NAME: text.describe('the S3 bucket of large arguments and results'),
  APPLICATION_TABLE_NAME: text.describe("the DynamoDB table of the applications' own entities"),
  EXECUTION_MODE: z
    .enum(['async', 'inline'])
    .describe('whether tasks run behind their queue, or while their submission waits'),
  WORKER_DEFAULT_FUNCTION: text.describe('the Lambda function that runs tasks of the default queue'),
  WORKER_GEO_PROCESSING_FUNCTION: text.describe(
    'the Lambda function that runs tasks of the geo_processing queue',
  ),
  CONSUMER_MAPPING_ID: text.describe('the event source mapping that reads the default queue'),
  QUEUE_DEFAULT_URL: webAddress.describe('the SQS queue of the default worker'),
  QUEUE_PRIORITY_URL: webAddress.describe('the SQS queue of default tasks with high priority'),
  QUEUE_GEO_PROCESSING_URL: webAddress.describe('the SQS queue of the geo-raster worker'),
  DEAD_LETTER_DEFAULT_URL: webAddress.describe('the dead-letter queue of the default queue'),
  DEAD_LETTER_PRIORITY_URL: webAddress.describe('the dead-letter queue of the priority queue'),
  DEAD_LETTER_GEO_PROCESSING_URL: webAddress.describe('the dead-letter queue of the geo_processing queue'),
  FILE_BUCKET_NAME: text.describe('the S3 bucket of uploaded files and of what is made of them'),
  MAPBOX_BASE_URL: webAddress.describe('where Mapbox, or its stand-in, answers'),
  MAPBOX_TOKEN_PARAMETER: text.describe('the name of the SSM SecureString that holds the Mapbox token'),
  MAPBOX_PERMANENT: z
    .enum(['true', 'false'])
    .transform((flag) => flag === 'true')
    .describe('whether Mapbox is told that its answers are stored, which its terms ask for'),
  DISABLE_EXTERNAL_APIS: z
    .enum(['true', 'false'])
    .default('false')
    .transform((flag) => flag === 'true')
    .describe('whether tasks that ask outside services are skipped'),
  AWS_ENDPOINT_URL_S3: webAddress
    .optional()
    .describe('where S3 answers when it is not AWS; buckets are then addressed by path'),
} as const;

/** The name of a variable that {@link readEnvironment} knows. */
export type VariableName = keyof typeof variables;

/** The parsed environment: every known variable and its type. */
export type Environment = { readonly [Name in VariableName]: z.output<(typeof variables)[Name]> };

/** Thrown at start for an environment that does not fit; names every fault at once, never a value. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/**
 * Reads the named variables, and only those; the one place where `process.env` is read. An empty variable counts as
 * not set. Throws an EnvironmentError that names each faulty variable, what is wrong with it and what it is for.
 */
export function readEnvironment<Name extends VariableName>(
  names: readonly Name[],
  source: Readonly<Record<string, string | undefined>> = process.env,
): Pick<Environment, Name> {
  const values: Partial<Record<VariableName, unknown>> = {};
  const faults: string[] = [];
  for (const name of names) {
    const value = source[name] || undefined;
    const parsed = variables[name].safeParse(value);
    if (parsed.success) values[name] = parsed.data;
    else faults.push(faultOf(name, value, parsed.error));
  }
  if (faults.length > 0) throw new EnvironmentError(`the environment does not fit:\n${faults.join('\n')}`);
  return values as Pick<Environment, Name>;
}

/** Anything else would make SQS refuse the message. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html */
const traceHeader = /^Root=1-[\da-f]{8}-[\da-f]{24}(?:;[A-Za-z]+=[\w:|.-]*)*$/;

/**
 * The X-Ray trace of the invocation that runs now, as the header that passes it on; null where there is none. Lambda sets
 * it anew for each invocation: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function readTraceHeader(
  source: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  const header = source['_X_AMZN_TRACE_ID'];
  return header !== undefined && traceHeader.test(header) ? header : null;
}

function faultOf(name: VariableName, value: string | undefined, error: z.ZodError): string {
  const wrong = value === undefined ? 'is not set' : error.issues.map((issue) => issue.message).join('; ');
  return `  ${name} (${variables[name].description}): ${wrong}`;
}
