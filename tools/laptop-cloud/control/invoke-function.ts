import type { Activity } from '../activity.ts';
import type { FunctionPool } from '../functions/function-pool.ts';
import { type ControlAnswer, type ControlCall, type ControlOperation, controlError } from './control-api.ts';
import { matchCall } from './rest-call.ts';

/** The functions that can be invoked, and where what happens is told. */
export interface InvocableFunctions {
  /** By name. */
  readonly functions: ReadonlyMap<string, Pick<FunctionPool, 'invoke'>>;
  /** Counts invocations, those whose caller has gone included. */
  readonly activity: Activity;
  readonly log: (line: string) => void;
}

/**
 * Answers Lambda's Invoke: RequestResponse waits for the end, and goes on when its caller does not; Event is answered at
 * once, and not repeated when it fails, as AWS would; DryRun only looks whether the function is there. A function's own
 * error is a 200 with X-Amz-Function-Error.
 * Source: "Invoke" in the AWS Lambda API reference.
 */
export function invokeFunction({ functions, activity, log }: InvocableFunctions): ControlOperation {
  return (call) => {
    const match = matchCall(call, {
      method: 'POST',
      path: /^\/2015-03-31\/functions\/([^/]+)\/invocations$/,
    });
    if (match === null) return null;
    const name = functionNameOf(match.named);
    const pool = functions.get(name);
    const qualifier = match.query.get('Qualifier') ?? '$LATEST';
    if (pool === undefined || qualifier !== '$LATEST') {
      return controlError(
        404,
        'ResourceNotFoundException',
        `Function not found: ${match.named}:${qualifier}`,
      );
    }
    const event = parse(call.body);
    if (event === undefined) {
      return controlError(400, 'InvalidRequestContentException', 'Could not parse request body into json');
    }
    const run = () => {
      const end = activity.begin();
      return pool.invoke(event).finally(end);
    };
    switch (invocationType(call)) {
      case 'DryRun':
        return empty(204);
      case 'Event':
        void run().then((result) => {
          if (!result.ok)
            log(`control: ${name}, invoked as an event: ${result.errorType}: ${result.errorMessage}`);
        });
        return empty(202);
      case 'RequestResponse':
        return run().then((result) =>
          result.ok
            ? answered(result.payload, {})
            : answered(
                { errorType: result.errorType, errorMessage: result.errorMessage, trace: [] },
                { 'x-amz-function-error': 'Unhandled' },
              ),
        );
      default:
        return controlError(400, 'InvalidParameterValueException', 'This invocation type is not known');
    }
  };
}

/** The name in a function's name, ARN or partial ARN (`ACCOUNT:function:NAME`), `$LATEST` or no version behind it. */
export function functionNameOf(given: string): string {
  const parts = given.replace(/:\$LATEST$/, '').split(':');
  const kind = parts.indexOf('function');
  return (kind >= 0 ? parts[kind + 1] : parts[0]) ?? '';
}

function invocationType({ headers }: ControlCall): string {
  return String(headers['x-amz-invocation-type'] ?? 'RequestResponse');
}

/** The event, null for an empty body; undefined for what is no JSON. */
function parse(body: string): unknown {
  if (body === '') return null;
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function answered(payload: unknown, headers: Record<string, string>): ControlAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST', ...headers },
    body: JSON.stringify(payload ?? null),
  };
}

function empty(status: number): ControlAnswer {
  return { status, headers: {}, body: '' };
}
