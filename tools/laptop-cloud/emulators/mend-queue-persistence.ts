import * as z from 'zod';

interface MessageStore {
  db: { prepare(sql: string): { run(...values: unknown[]): void } };
}

const PersistenceModule = z.looseObject({
  PersistenceManager: z.custom<{ prototype: { updateMessageReady(id: string): void } }>(
    (value) => typeof value === 'function' && typeof value.prototype?.updateMessageReady === 'function',
  ),
});

/**
 * Mends fauxqs 2.4.1 in this thread: with a data folder, `ChangeMessageVisibility` to 0 writes NULL into the
 * receive count, which its table forbids; the call fails and the message is lost until a restart. The count
 * stays instead, as SQS keeps it.
 * @throws Error when fauxqs no longer has the method: see then whether the mend is still needed
 */
export async function mendQueuePersistence(): Promise<void> {
  const url = new URL('./persistence.js', import.meta.resolve('fauxqs')).href;
  const parsed = PersistenceModule.safeParse(await import(url));
  if (!parsed.success) {
    throw new Error('fauxqs has changed: see whether emulators/mend-queue-persistence.ts is still needed');
  }
  parsed.data.PersistenceManager.prototype.updateMessageReady = function (
    this: MessageStore,
    id: string,
  ): void {
    const sql =
      'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?';
    this.db.prepare(sql).run(id);
  };
}
