import type { Sabotage } from '../sabotage.ts';

/** A submission is answered on the strength of a save that has only begun. */
export const ackBeforeSave: Sabotage = {
  name: 'ack-before-save',
  description: 'the API answers before the record is stored',
  ports: (ports, { kind }) =>
    kind !== 'api'
      ? ports
      : {
          ...ports,
          store: {
            ...ports.store,
            async create(record, options) {
              ports.store.create(record, options).catch(() => undefined);
              return { saved: true };
            },
          },
        },
};
