import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createQueueClient } from '#tools/laptop-cloud/provision/aws-clients.ts';
import type { LaptopCloud } from '#tools/laptop-cloud/start-laptop-cloud.ts';
import type { ToldTask } from './read-tasks.ts';

const status = z.object({ queues: z.array(z.object({ name: z.string() })) });
const letter = z.object({ v: z.literal(1), taskId: z.string(), epoch: z.int(), dead: z.literal(true) });

/** A message of a dead-letter queue: the letter, or the text that is none. */
export type DeadLetter = z.output<typeof letter> | { readonly unreadable: string };

/** Looks at all messages of the dead-letter queues of the tasks' queues; each is hidden for half a minute thereby. */
export async function readLetters(cloud: LaptopCloud): Promise<DeadLetter[]> {
  const { queues } = status.parse(await cloud.status());
  const names = queues.map(({ name }) => name).filter((name) => /QueueDeadLetters[0-9A-F]{8}$/.test(name));
  const sqs = createQueueClient(cloud.sqsEndpoint);
  const letters: DeadLetter[] = [];
  try {
    for (const name of names) {
      const QueueUrl = `${cloud.queueUrlBase}/${name}`;
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
        );
        if (Messages.length === 0) break;
        letters.push(...Messages.map(({ Body = '' }) => readLetter(Body)));
      }
    }
  } finally {
    sqs.destroy();
  }
  return letters;
}

function readLetter(body: string): DeadLetter {
  try {
    return letter.parse(JSON.parse(body));
  } catch {
    return { unreadable: body };
  }
}

/** Whether a task has ended in a way that leaves a dead letter: its attempts are used up, or its workers died. */
export function owesLetter({ state, error, attempts, max_attempts }: ToldTask): boolean {
  const permanent = error?.type === 'LocationNotFound';
  return state === 'FAILURE' && !permanent && (error?.type === 'WorkerLost' || attempts === max_attempts);
}

/** Each task that owes a letter has one that opens its next epoch; each letter is of a task, and of no later epoch. */
export function checkLetters(tasks: ReadonlyMap<string, ToldTask>, letters: readonly DeadLetter[]): string[] {
  const faults: string[] = [];
  const found = new Set<string>();
  for (const one of letters) {
    if ('unreadable' in one) {
      faults.push(`a dead letter cannot be read: ${one.unreadable}`);
      continue;
    }
    const task = tasks.get(one.taskId);
    found.add(`${one.taskId} ${one.epoch}`);
    if (task === undefined) continue;
    if (one.epoch > task.epoch + 1)
      faults.push(`${one.taskId} has a letter of epoch ${one.epoch}, and is in ${task.epoch}`);
    if (one.epoch === task.epoch + 1 && !owesLetter(task))
      faults.push(`${one.taskId} is ${task.state}, and has a dead letter`);
  }
  for (const [taskId, task] of tasks) {
    if (owesLetter(task) && !found.has(`${taskId} ${task.epoch + 1}`)) {
      faults.push(`${taskId} has failed in its last attempt, and has no dead letter [${task.error?.type}]`);
    }
  }
  return faults;
}
