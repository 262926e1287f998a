import * as z from 'zod';

const logLine = z.looseObject({ level: z.string(), message: z.string(), service: z.string() });

/** A JSON line of a function's log. */
export type LogLine = z.output<typeof logLine>;

/** The function's line in what a laptop cloud prints (`NAME: {…}`); null for metrics and everything else. */
export function parseLogLine(printed: string): LogLine | null {
  const start = printed.indexOf(': {');
  return start < 0 ? null : readLogLine(printed.slice(start + 2));
}

/** A function's line as it was written; null for metrics and everything else. */
export function readLogLine(written: string): LogLine | null {
  try {
    return logLine.safeParse(JSON.parse(written)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
