import { vi } from 'vitest';
import * as z from 'zod';
import type { Target } from './target.ts';

/** Where an API is and which token it takes. */
export type Api = Pick<Target, 'url' | 'token'>;

/** What a request to the API is made of, beside its method and path. */
export interface RequestParts {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  /** null sends none. @default the target's own */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer with its JSON parsed; `body` is null when there is none. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Sends one request to the API. */
export async function ask(
  target: Api,
  method: string,
  path: string,
  { json, text = JSON.stringify(json), token = target.token, headers = {} }: RequestParts = {},
): Promise<Answer> {
  const response = await fetch(target.url + path, {
    method,
    headers: {
      ...(text !== undefined && { 'content-type': 'application/json' }),
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(text !== undefined && { body: text }),
  });
  const reply = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: reply === '' ? null : JSON.parse(reply),
  };
}

const accepted = z.object({ task_id: z.string() });

/** What a submission is made of. */
export interface TaskRequest {
  readonly task: string;
  readonly input: unknown;
  readonly priority?: string;
  readonly tags?: readonly string[];
  readonly countdown?: number;
  readonly eta?: string;
  readonly expires?: number | string;
}

/** Submits a task; resolves with its id. */
export async function submitTask(target: Api, json: TaskRequest, token = target.token): Promise<string> {
  const answer = await ask(target, 'POST', '/api/v1/tasks', { json, token });
  if (answer.status !== 202) throw new Error(`the task was not accepted: ${JSON.stringify(answer.body)}`);
  return accepted.parse(answer.body).task_id;
}

/** A place on Earth, in degrees. */
export interface Place {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

const createdLocation = z.object({ id: z.string(), task_id: z.string() });

/** Stores a location; resolves with its id and that of the task which enriches it. */
export async function createLocation(
  target: Api,
  json: Place,
): Promise<{ locationId: string; taskId: string }> {
  const answer = await ask(target, 'POST', '/api/v1/locations', { json });
  if (answer.status !== 201) throw new Error(`no location was made: ${JSON.stringify(answer.body)}`);
  const { id, task_id } = createdLocation.parse(answer.body);
  return { locationId: id, taskId: task_id };
}

const taskReply = z.looseObject({
  state: z.string(),
  status: z.string().nullable(),
  attempts: z.int(),
  epoch: z.int(),
  result: z.unknown(),
  error: z.looseObject({ type: z.string(), message: z.string() }).nullable(),
  created_at: z.string(),
  eta: z.string().nullable(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  next_attempt_at: z.string().nullable(),
  timeline: z.array(
    z.object({
      state: z.string(),
      at: z.string(),
      attempt: z.int(),
      epoch: z.int(),
      detail: z.string().nullable(),
    }),
  ),
});

/** A task's record as the API answers it, with the fields that the stories read. */
export type TaskReply = z.output<typeof taskReply>;

/** Reads a task's record. */
export async function readTask(target: Api, taskId: string): Promise<TaskReply> {
  const { body } = await ask(target, 'GET', `/api/v1/tasks/${taskId}`);
  return taskReply.parse(body);
}

/** Reads a task's record again and again until `look` no longer throws; after the patience, in ms, throws what it threw last. */
export function taskUntil(
  target: Api,
  taskId: string,
  look: (record: TaskReply) => void,
  patience = 15_000,
): Promise<TaskReply> {
  const probe = async () => {
    const record = await readTask(target, taskId);
    look(record);
    return record;
  };
  return vi.waitFor(probe, { timeout: patience, interval: 50 });
}
