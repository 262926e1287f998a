import * as z from 'zod';

const logLine = z.looseObject({
  level: z.string(),
  message: z.string(),
  timestamp: z.string(),
  service: z.string(),
});

/** Fields that say nothing on a laptop, or are shown by their place in the line. */
const passedOver = [
  'level',
  'message',
  'timestamp',
  'service',
  'sampling_rate',
  'stage',
  'function_request_id',
  'xray_trace_id',
];

/**
 * A function's log line as people like to read it, or null for lines that only machines read (metrics). What is not
 * one of our JSON lines passes as it is.
 */
export function formatLogLine(line: string): string | null {
  const start = line.indexOf('{');
  const json = start < 0 ? null : parseJson(line.slice(start));
  if (json === null) return line;
  if ('_aws' in json) return null;
  const parsed = logLine.safeParse(json);
  if (!parsed.success) return line;
  const { level, message, timestamp, service } = parsed.data;
  const rest = Object.entries(parsed.data)
    .filter(([name]) => !passedOver.includes(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [timestamp.slice(11, 23), level.padEnd(5), service.padEnd(14), message, ...rest].join(' ');
}

function parseJson(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
