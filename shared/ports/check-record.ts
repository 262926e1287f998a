import { attentionOf } from '../lifecycle/attention.ts';
import { type TaskRecord, taskRecord } from '../lifecycle/task-record.ts';

/**
 * What a store may keep: the record's own fields and no leftovers of an earlier state. Throws ZodError for a record of
 * the wrong shape, and Error for one that needs attention but has no `wakeAt`: nobody would ever look at it again.
 */
export function checkRecord(record: TaskRecord): TaskRecord {
  const checked = taskRecord.parse(record);
  const attention = attentionOf(checked);
  if (attention !== null && checked.wakeAt === null) {
    throw new Error(
      `task ${checked.taskId} (${checked.state}) is ${attention} and needs a wakeAt, or it would be forgotten`,
    );
  }
  return checked;
}
