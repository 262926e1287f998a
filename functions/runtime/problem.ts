import type * as z from 'zod';

/** One thing wrong with a request: where (empty for the body as a whole) and what. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

const kinds = {
  'malformed-json': { status: 400, title: 'The body is not JSON' },
  'already-converted': { status: 400, title: 'It is converted already' },
  unauthenticated: { status: 401, title: 'A valid bearer token is needed' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'The path does not answer this method' },
  conflict: { status: 409, title: 'It does not fit what is there now' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON' },
  validation: { status: 422, title: 'The request does not fit' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  'still-running': { status: 504, title: 'The task takes longer than a request may' },
  'timed-out': { status: 503, title: 'The request took too long' },
} as const;

/** What kind of error an answer tells; its `type` is `/problems/` and this name. */
export type ProblemKind = keyof typeof kinds;

/** An error that is meant for the caller: thrown anywhere below a route, answered as problem+json. */
export class Problem extends Error {
  override name = 'Problem';
  readonly kind: ProblemKind;
  readonly errors: readonly FieldFault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    detail: string,
    more: { errors?: readonly FieldFault[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.kind = kind;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

/** The status, headers and body that tell a problem. Source: RFC 9457; `errors` is its one extension. */
export function problemReply(problem: Problem) {
  const { status, title } = kinds[problem.kind];
  const { message: detail, errors } = problem;
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...problem.headers },
    body: JSON.stringify({ type: `/problems/${problem.kind}`, title, status, detail, errors }),
  };
}

/** The problem of input that does not fit: 422, every fault named. */
export function validationProblem(errors: readonly FieldFault[]): Problem {
  const [first] = errors;
  const where = first?.path
    ? `${first.path}: ${first.message}`
    : (first?.message ?? 'the request does not fit');
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new Problem('validation', `${where}${others}`, { errors });
}

/** Each fault of a zod error with its dotted path, unknown fields one by one; `prefix` is where the value stood. */
export function faultsOf(error: z.ZodError, prefix: readonly string[] = []): FieldFault[] {
  return error.issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code !== 'unrecognized_keys') return [{ path: dotted(path), message: issue.message }];
    return issue.keys.map((key) => ({ path: dotted([...path, key]), message: 'this field is not known' }));
  });
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
