import { isEnded, isRunning, type TaskRecord } from '#shared/lifecycle/task-record.ts';
import { sendHint } from '#shared/pipeline/send-hint.ts';
import { type Accepted, type Submission, submit } from '#shared/pipeline/submit.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import type { RequestScene } from './implement-route.ts';
import type { InvokeWorker } from './invoke-worker.ts';
import type { Log } from './logging.ts';
import { Problem } from './problem.ts';

/** An accepted task as it is now. */
export interface Submitted extends Accepted {
  /** Whether the task has ended already, so that what it changes can be answered at once. */
  readonly finished: boolean;
}

/** What of a request its submissions need; the correlation id becomes that of the task. */
export type SubmissionScene = Pick<RequestScene, 'correlationId' | 'log' | 'remainingMs'>;

/**
 * Accepts a task for a request, and tells the log. How tasks are run is decided by whoever made the function: routes
 * need only ask whether the task has `finished`. Throws what `submit` throws, and a Problem (504) for a task that was
 * accepted, and goes on, but takes longer than the request may.
 */
export type SubmitTask = (submission: Submission, scene: SubmissionScene) => Promise<Submitted>;

/** Kept free at the end of a request, in milliseconds, to answer in. */
const answerMargin = 2000;

/** Milliseconds between two looks at a task that another request has begun. */
const lookEvery = 250;

/** Accepts tasks that run behind their queue: the answer never waits for the work. */
export function createSubmitTask(ports: PipelinePorts): SubmitTask {
  return async (submission, { correlationId, log }) => {
    const accepted = await submit(ports, { ...submission, correlationId });
    const { record, sendError, duplicate } = accepted;
    if (duplicate) logDuplicate(log, record);
    else logAccepted(log, record);
    if (sendError !== null) {
      const { taskId } = record;
      log.warn('task accepted, its message will be sent later', { task_id: taskId, error: sendError });
    }
    return { ...accepted, finished: isEnded(record) };
  };
}

/**
 * Accepts tasks and waits until their worker has done with them; no message is sent for them. A task that is to be tried
 * again is not waited for: it is answered as it is, not finished, and the reconciler sees to its next attempt, as it does
 * for a worker that could not be run. One for later is answered at once, and run behind its queue at its time. One that
 * was submitted before is waited for as long as the request may, then answered as it is.
 */
export function createInlineSubmitTask(ports: PipelinePorts, invoke: InvokeWorker): SubmitTask {
  return async (submission, { correlationId, log, remainingMs }) => {
    const asked = { ...submission, correlationId };
    const { record, sendError, duplicate } = await submit(ports, asked, async (stored) => {
      // One that is to run later is nothing to wait for: its message brings it.
      if (stored.state === 'SCHEDULED') return sendHint(ports, stored);
      logAccepted(log, stored);
      return runNow(ports, invoke, stored, remainingMs() - answerMargin);
    });
    if (duplicate) {
      logDuplicate(log, record);
      await othersRun(ports, record, remainingMs() - answerMargin);
    } else if (record.state === 'SCHEDULED') logAccepted(log, record);
    if (sendError instanceof Problem) throw sendError;
    if (sendError !== null) {
      const { taskId } = record;
      log.warn('task accepted, its worker could not be run; it will be later', {
        task_id: taskId,
        error: sendError,
      });
    }
    const now = (await ports.store.read(record.taskId)) ?? record;
    return { record: now, sendError, duplicate, finished: isEnded(now) };
  };
}

function logAccepted(log: Log, { taskId, task }: TaskRecord): void {
  log.info('task accepted', { task_id: taskId, task });
}

function logDuplicate(log: Log, { taskId, task, state }: TaskRecord): void {
  log.info('task was submitted before: nothing was stored or sent', { task_id: taskId, task, state });
}

/** Returns what went wrong, or null; a Problem when the time was not enough. */
async function runNow(
  { clock }: PipelinePorts,
  invoke: InvokeWorker,
  record: TaskRecord,
  waitMs: number,
): Promise<unknown> {
  const abort = new AbortController();
  const cancel = clock.after(Math.max(0, waitMs), () => abort.abort());
  try {
    await invoke(record, abort.signal);
    return null;
  } catch (error) {
    return abort.signal.aborted ? stillRunning(record.taskId) : (error ?? new Error('no reason given'));
  } finally {
    cancel();
  }
}

/** Waits while a task that another request has begun is under way. */
async function othersRun({ store, clock }: PipelinePorts, record: TaskRecord, waitMs: number): Promise<void> {
  const end = clock.now() + waitMs;
  for (
    let now: TaskRecord | null = record;
    now !== null && isUnderWay(now);
    now = await store.read(now.taskId)
  ) {
    if (clock.now() + lookEvery > end) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.after(lookEvery, resolve);
    await promise;
  }
}

/** One that is being cancelled is no result to wait for. */
function isUnderWay(record: TaskRecord): boolean {
  return isRunning(record) ? record.cancelRequest === null : record.state === 'PENDING';
}

/** The 504 of a task that goes on by itself, but takes longer than the request may. */
export function stillRunning(taskId: string): Problem {
  const url = `/api/v1/tasks/${taskId}`;
  return new Problem('still-running', `task ${taskId} was accepted and goes on by itself: ask ${url}`, {
    errors: [{ path: '', message: `not finished yet; its status: ${url}/status` }],
    headers: { location: url, 'retry-after': '5' },
  });
}
