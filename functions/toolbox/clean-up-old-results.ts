import { sweepPayloads } from '#shared/pipeline/sweep-payloads.ts';
import { SoftTimeLimitExceeded } from '#shared/pipeline/time-limits.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { implement, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import { cleanupOldResults } from './specs.ts';

/** See {@link cleanupOldResults}. Ends well, though not complete, at its soft time limit. */
export function cleanUpOldResults(ports: PipelinePorts): TaskImplementation {
  return implement(cleanupOldResults, async (_, { signal, progress, log }) => {
    const outcome = await sweepPayloads(ports, {
      goOn() {
        if (signal.reason instanceof SoftTimeLimitExceeded) return false;
        signal.throwIfAborted();
        return true;
      },
      observe({ scanned, deleted }) {
        // How many there are in all, nobody knows beforehand.
        progress(0, `Looked at ${scanned} payloads, removed ${deleted}`);
      },
      onDamaged(taskId, error) {
        log.warn('payloads kept: their record cannot be read', { owner_task_id: taskId, error });
      },
    });
    progress(100, `Looked at ${outcome.scanned} payloads, removed ${outcome.deleted}`);
    log.info('payloads swept', { ...outcome });
    return { status: 'success', ...outcome };
  });
}
