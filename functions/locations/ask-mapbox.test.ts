import { expect, it } from 'vitest';
import { UpstreamError, UpstreamRefusal } from '#functions/runtime/upstream-error.ts';
import { RetryAfter } from '#shared/tasks/task-errors.ts';
import { decisiveFailure } from './ask-mapbox.ts';

const wish = new RetryAfter(7, 'Mapbox answered 429');
const fault = new UpstreamError('Mapbox', 503, 'Mapbox answered 503');
const spared = Object.assign(new RetryAfter(60, 'not asked'), { name: 'CircuitOpen' });
const refusal = new UpstreamRefusal(422, 'Mapbox answered 422');

it.each([
  ["Mapbox's wish over its fault", wish, fault],
  ['its fault over a question that it was spared', fault, spared],
  ["Mapbox's wish over a question that it was spared", wish, spared],
  ['a question that it was spared over a refusal', spared, refusal],
  ['its fault over a refusal', fault, refusal],
])('decides on %s', (_, stronger, weaker) => {
  expect(decisiveFailure([stronger, weaker])).toBe(stronger);
  expect(decisiveFailure([weaker, stronger])).toBe(stronger);
  expect(decisiveFailure([weaker])).toBe(weaker);
});
