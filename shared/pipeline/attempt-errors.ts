/** The reason of an aborted `ctx.signal`, and of every `ctx` call, once the attempt is over. */
export class AttemptEnded extends Error {
  override name = 'AttemptEnded';
}

/** The reason of an aborted `ctx.signal` when somebody cancelled the task: a few seconds are left to stop in order. */
export class TaskCancelled extends Error {
  override name = 'TaskCancelled';
}

/** Another worker has claimed the task: this attempt may record nothing any more. */
export class ClaimLost extends Error {
  override name = 'ClaimLost';
}

/** Thrown by `ctx.step` when little time is left: the task goes on at this step, in a fresh invocation. */
export class ContinuedLater extends Error {
  override name = 'ContinuedLater';
}
