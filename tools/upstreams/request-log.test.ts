import { expect, it } from 'vitest';
import { createRequestLog } from './request-log.ts';

it('keeps the latest 10,000 requests', () => {
  const log = createRequestLog();
  for (let n = 1; n <= 10_005; n++) log.arrive('GET', `/${n}`, new URLSearchParams(), new Date(0))(200);
  expect(log.list()).toHaveLength(10_000);
  expect(log.list()[0]?.path).toBe('/6');
});
