import { setTimeout as pause } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { type Api, ask, submitTask, type TaskRequest } from './api-calls.ts';
import type { GrantWorld } from './grant-world.ts';

const kinds = ['normal', 'high'] as const;

/** Submits a task to each queue of the default worker; resolves with their ids. */
export async function submitAll(api: Api, request: TaskRequest): Promise<string[]> {
  const ids: string[] = [];
  for (const priority of kinds) ids.push(await submitTask(api, { ...request, priority }));
  return ids;
}

/** Sends a request; resolves with what was answered, and rejects unless it was with this status. */
export async function answers(
  api: Api,
  status: number,
  method: string,
  path: string,
  json?: unknown,
): Promise<unknown> {
  const answer = await ask(api, method, path, json === undefined ? {} : { json });
  if (answer.status !== status) {
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  return answer.body;
}

const record = z.looseObject({
  state: z.string(),
  result: z.unknown(),
  error: z.looseObject({ type: z.string(), message: z.string() }).nullable(),
});

/** Those of the tasks that are not in a state. */
export async function notIn({ api }: GrantWorld, ids: readonly string[], state: string): Promise<string[]> {
  const answers = await Promise.all(ids.map((id) => ask(api, 'GET', `/api/v1/tasks/${id}`)));
  return ids.filter((_, index) => record.parse(answers[index]?.body).state !== state);
}

/** Resolves with the task's record once it is in this state. */
export async function ends(world: GrantWorld, taskId: string, state: string) {
  let last: z.output<typeof record> | undefined;
  await until(world, async () => {
    last = record.parse((await ask(world.api, 'GET', `/api/v1/tasks/${taskId}`)).body);
    if (last.state === state) return true;
    // What was denied is not granted by waiting.
    if (/AccessDenied|not authorized/.test(JSON.stringify(last.error))) throw new Error(last.error?.message);
    return false;
  });
  return last;
}

/** Sends a message of any text to a queue. */
export async function send({ sqs }: GrantWorld, QueueUrl: string, MessageBody: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

/** Looks until it is so: for half a minute, or until the story is not to be told any further. */
export async function until({ signal }: GrantWorld, look: () => Promise<boolean>): Promise<void> {
  const late = AbortSignal.timeout(30_000);
  while (!(await look())) {
    if (late.aborted) throw new Error(`waited for half a minute in vain for: ${look}`);
    await pause(25, undefined, { signal });
  }
}
