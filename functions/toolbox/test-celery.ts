import { implement } from '#shared/tasks/implement-task.ts';
import { testCelery } from './specs.ts';

/** See {@link testCelery}. */
export const answerTestCelery = implement(testCelery, async ({ message }, { taskId, log }) => {
  log.info('self-test', { message_length: message.length });
  return { status: 'success', message, task_id: taskId };
});
