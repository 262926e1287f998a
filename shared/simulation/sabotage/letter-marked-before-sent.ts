import type { Sabotage } from '../sabotage.ts';
import { withStore } from './with-store.ts';

/** A letter is lost when its worker dies between the mark and the send. */
export const letterMarkedBeforeSent: Sabotage = {
  name: 'letter-marked-before-sent',
  description: 'a failed task is saved with its dead letter marked as sent',
  services: (services) =>
    withStore(services, {
      save: (next, previous, options) =>
        services.store.save(
          next.state === 'FAILURE' && next.deadLetter === 'owed' ? { ...next, deadLetter: 'sent' } : next,
          previous,
          options,
        ),
    }),
};
