import * as z from 'zod';
import type { AlarmView } from '../alarms/alarm.ts';
import type { AdvanceReport } from '../rules/run-rules.ts';
import type { GatewayResponse } from './from-result.ts';
import { type GatewayRequest, splitTarget } from './to-event.ts';

/** What the routes under `/__laptop` work on. */
export interface LaptopControls {
  /** Moves the clock by milliseconds and fires what falls due. */
  advance(ms: number): Promise<AdvanceReport>;
  /** Milliseconds since the epoch, by the laptop clock. */
  now(): number;
  /** The state of everything, ready for JSON. */
  status(): Promise<Record<string, unknown>>;
  /** The templates' alarms. */
  alarms(): AlarmView[];
}

const LONGEST_ADVANCE_SECONDS = 366 * 24 * 3600;

const ClockMove = z.strictObject({ advance_seconds: z.number().positive().max(LONGEST_ADVANCE_SECONDS) });

/**
 * Answers the routes that exist on a laptop only: `GET /__laptop` (status), `GET /__laptop/alarms` and
 * `POST /__laptop/clock` `{"advance_seconds": 60}`, at most 366 days. Pages of other sites are refused: the browser that shows them
 * runs on this laptop too.
 * @returns null for every other path
 */
export async function answerLaptopRoute(
  request: GatewayRequest,
  controls: LaptopControls,
): Promise<GatewayResponse | null> {
  const { path } = splitTarget(request.target);
  if (path !== '/__laptop' && !path.startsWith('/__laptop/')) return null;
  if (!isOwnPage(request.rawHeaders)) return json(403, { message: 'Only this laptop may ask' });

  const endpoint = `${request.method} ${path}`;
  if (endpoint === 'GET /__laptop') return json(200, await controls.status());
  if (endpoint === 'GET /__laptop/alarms') return json(200, { items: controls.alarms() });
  if (endpoint === 'POST /__laptop/clock') return await moveClock(request.body, controls);
  return json(404, {
    message: 'Not Found: there are GET /__laptop, GET /__laptop/alarms and POST /__laptop/clock',
  });
}

async function moveClock(body: Buffer, controls: LaptopControls): Promise<GatewayResponse> {
  const move = ClockMove.safeParse(parseJson(body));
  if (!move.success) return json(422, { message: z.prettifyError(move.error) });

  const report = await controls.advance(Math.round(move.data.advance_seconds * 1000));
  return json(200, {
    now: new Date(controls.now()).toISOString(),
    fired: report.fired,
    coalesced: report.coalesced,
    busy_steps: report.busySteps,
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A foreign page shows itself by its Origin, or by a Host that only its DNS makes this machine. */
function isOwnPage(rawHeaders: readonly string[]): boolean {
  const value = (wanted: string) => {
    const index = rawHeaders.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === wanted);
    return index === -1 ? undefined : rawHeaders[index + 1];
  };
  const host = value('host') ?? '';
  const origin = value('origin');
  return (
    /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(host) &&
    (origin === undefined || origin === `http://${host}`)
  );
}

function json(status: number, value: unknown): GatewayResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(value)),
  };
}
