import { executeBatch } from '../../pipeline/execute-batch.ts';
import type { Sabotage } from '../sabotage.ts';

/** A poison task takes its whole batch along each time. */
export const poisonInCompany: Sabotage = {
  name: 'poison-in-company',
  description: 'a task whose worker died runs side by side with others',
  async execute(ports, setup, deliveries) {
    const reports = await Promise.all(deliveries.map((delivery) => executeBatch(ports, setup, [delivery])));
    return {
      kept: reports.flatMap(({ kept }) => kept),
      stillRunning: reports.some(({ stillRunning }) => stillRunning),
    };
  },
};
