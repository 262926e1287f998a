import * as z from 'zod';
import { describeError } from '#shared/lifecycle/describe-error.ts';

/** What a log line tells of an error. */
export interface LoggedError {
  readonly name: string;
  /** With those of its causes; left out of lines about a task's own work, see {@link loggedError}. */
  readonly message?: string;
  /** Where it was made: the frames of its stack, without the words that head them. */
  readonly stack?: string;
  /** The names of what caused it, the nearest first. */
  readonly causes?: readonly string[];
  /** What AWS calls the request that it refused. */
  readonly aws_request_id?: string;
  /** The HTTP status of AWS's answer. */
  readonly status?: number;
}

const awsError = z.object({
  $metadata: z.object({ requestId: z.string().optional(), httpStatusCode: z.int().optional() }),
});

/**
 * What a log line tells of anything thrown. Nothing else that hangs on an error is told: a conditional write that DynamoDB
 * refuses brings the whole item with it, and an invalid URL itself. Without `words` messages are left out too: those of a
 * task's own work quote what it was given, or what an outside service said of that, and the task's record has them, for
 * whoever may read the task. Never throws.
 */
export function loggedError(thrown: unknown, { words }: { readonly words: boolean }): LoggedError {
  const { type, message, stack } = describeError(thrown, 0);
  const frames = framesOf(stack ?? '');
  const causes = causesOf(thrown);
  const { requestId, httpStatusCode } = part(() => awsError.safeParse(thrown).data)?.$metadata ?? {};
  return {
    name: type,
    ...(words && { message }),
    ...(frames !== '' && { stack: frames }),
    ...(causes.length > 0 && { causes }),
    ...(requestId !== undefined && { aws_request_id: requestId }),
    ...(httpStatusCode !== undefined && { status: httpStatusCode }),
  };
}

/** The last line of a stack that is no frame of it tells, at most, a place in a file. */
const frame = /^ {4}at .*(?::\d+:\d+\)?|\((?:<anonymous>|native)\))$/;

/** The frames of a stack, one a line, without the error's words; empty when there are none. */
export function framesOf(stack: string): string {
  const lines = stack.split('\n').filter((line) => frame.test(line));
  return lines.map((line) => line.trim()).join('\n');
}

const mostCauses = 5;

function causesOf(thrown: unknown): string[] {
  const names: string[] = [];
  let cause = causeOf(thrown);
  while (cause !== undefined && cause !== null && names.length < mostCauses) {
    names.push(describeError(cause, 0).type);
    cause = causeOf(cause);
  }
  return names;
}

function causeOf(thrown: unknown): unknown {
  return part(() => (thrown instanceof Error ? thrown.cause : null));
}

/** A part of an error; undefined when reading it throws, as that of anything thrown may. */
function part<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
