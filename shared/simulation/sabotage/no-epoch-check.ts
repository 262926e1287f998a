import { parseMessage } from '../../lifecycle/task-message.ts';
import type { Sabotage } from '../sabotage.ts';

/** An old hint starts a new epoch's task, and an old dead letter opens an epoch again and again. */
export const noEpochCheck: Sabotage = {
  name: 'no-epoch-check',
  description: 'every message passes for one of the epoch that the record is in',
  async delivery(delivery, { store }) {
    const parsed = parseMessage(delivery.body);
    if ('unreadable' in parsed) return delivery;
    const { message } = parsed;
    const record = await store.read(message.taskId);
    if (record === null) return delivery;
    const opens = message.dead && record.state === 'FAILURE';
    return { ...delivery, body: JSON.stringify({ ...message, epoch: record.epoch + (opens ? 1 : 0) }) };
  },
};
