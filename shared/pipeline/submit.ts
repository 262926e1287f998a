import { newRecord } from '../lifecycle/new-record.ts';
import { isEnded, type TaskRecord } from '../lifecycle/task-record.ts';
import type { AlongsideWrite } from '../ports/alongside-write.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { Priority, TaskSpec } from '../tasks/define-task.ts';
import { concurrencyKeyOf } from './concurrency-slots.ts';
import { inputKey, storeValue } from './payloads.ts';
import { sendHint } from './send-hint.ts';
import { lookAtLock, uniqueKeyOf } from './unique-lock.ts';

/** A task to be run: its spec, its input as the caller gave it, and whose it is. */
export interface Submission {
  readonly spec: TaskSpec;
  readonly input: unknown;
  readonly tenant: string;
  /** @default 'normal' */
  readonly priority?: Priority;
  readonly tags?: readonly string[];
  /** The caller's own writes, committed together with the record or not at all. */
  readonly alongside?: readonly AlongsideWrite[];
  /** An id that tells this task from every other; submitted again, it is the same task. @default a new one */
  readonly taskId?: string;
  /** A digest of all that the caller sent: with another one, a known `taskId` is refused. @default not compared */
  readonly digest?: string;
  /** Joins the log lines of all that is done for this task, in every epoch of it. @default none */
  readonly correlationId?: string | null;
  /** When it shall run; milliseconds since the epoch. @default at once */
  readonly eta?: number | null;
  /** By when it must have started, or it ends Expired; milliseconds since the epoch. @default never */
  readonly startBy?: number | null;
}

/** An accepted task; `sendError` is what kept a worker from hearing of it at once, for the log only. */
export interface Accepted {
  readonly record: TaskRecord;
  readonly sendError: unknown;
  /** Whether the task was there before, by its id or by its unique key; then nothing was stored or sent. */
  readonly duplicate: boolean;
}

/** Thrown for a known id that was first submitted with something else: two requests were given one idempotency key. */
export class KeyReused extends Error {
  override name = 'KeyReused';
}

/**
 * Accepts a task: checks the input, stores the record, then sends the message. Once the record is stored the task is
 * accepted: a send that fails is told for the log, not thrown, because the reconciler sends again. Throws ZodError for
 * input that does not fit the spec, KeyReused, AlongsideRefused, and whatever the store throws; then nothing was accepted.
 * `dispatch` makes a worker look at the stored task in another way than by a message; it returns what went wrong, or null.
 */
export async function submit(
  ports: PipelinePorts,
  submission: Submission,
  dispatch: (record: TaskRecord) => Promise<unknown> = (record) => sendHint(ports, record),
): Promise<Accepted> {
  const {
    spec,
    tenant,
    priority = 'normal',
    tags = [],
    digest = null,
    correlationId = null,
    eta = null,
    startBy = null,
  } = submission;
  const accepted = spec.input.parse(submission.input);
  const uniqueKey = uniqueKeyOf(spec, tenant, accepted);
  const concurrencyKey = concurrencyKeyOf(spec, accepted);
  const taskId = submission.taskId ?? ports.newId();
  const writer = ports.newId();
  const input = await storeValue(ports.payloads, inputKey(taskId, 1, writer), submission.input);
  const keys = { digest, uniqueKey, concurrencyKey };
  const task = { taskId, writer, tenant, priority, tags, input, ...keys, correlationId, eta, startBy };
  const record = newRecord(spec, task, ports.clock.now());
  const known = await create(ports, record, submission);
  if (known === null) {
    // A queue holds no message for longer than 15 minutes.
    const isFar = record.state === 'SCHEDULED' && record.wokenBy === 'reconciler';
    return { record, sendError: isFar ? null : await dispatch(record), duplicate: false };
  }
  if (known.taskId === taskId && known.digest !== digest) {
    throw new KeyReused(`task ${taskId} was submitted with something else before`);
  }
  return { record: known, sendError: null, duplicate: true };
}

const mostTries = 10;

/** Stores the record; answers the one that is there already instead, or null. */
async function create(
  ports: PipelinePorts,
  record: TaskRecord,
  { taskId, alongside = [] }: Submission,
): Promise<TaskRecord | null> {
  for (let tries = 1; ; tries++) {
    const lock = record.uniqueKey === null ? null : await lookAtLock(ports, record.uniqueKey, record.taskId);
    if (lock && 'heldBy' in lock) return (await findEarlier(ports, record, taskId)) ?? lock.heldBy;
    try {
      const created = await ports.store.create(record, { alongside, lock: lock?.free ?? null });
      // A new id can be taken only by this record itself: a reply was lost, and a worker has changed it meanwhile.
      return created.saved || taskId === undefined ? null : created.current;
    } catch (error) {
      if (tries === mostTries || !(error instanceof Error) || error.name !== 'LockTaken') throw error;
    }
  }
}

/** Who submits a known id again means that task, even when another one holds the lock by now. */
async function findEarlier(
  ports: PipelinePorts,
  { createdAt }: TaskRecord,
  taskId: string | undefined,
): Promise<TaskRecord | null> {
  const earlier = taskId === undefined ? null : await ports.store.read(taskId);
  return earlier !== null && isEnded(earlier) && earlier.expiresAt <= createdAt ? null : earlier;
}
