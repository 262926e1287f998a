import { expect, it } from 'vitest';
import { stateAt } from './inspect-queues.ts';

const messages = [
  { sentAt: 100, receives: 0 },
  { sentAt: 50, receives: 3 },
  { sentAt: 200, receives: 0, delayedUntil: 500 },
  { sentAt: 60, receives: 1, invisibleUntil: 400 },
];

it.each([
  ['before most were sent', 99, { visible: 1, notVisible: 1, delayed: 0, oldestSentAt: 60 }],
  ['before one was sent', 199, { visible: 2, notVisible: 1, delayed: 0, oldestSentAt: 60 }],
  ['now', 399, { visible: 2, notVisible: 1, delayed: 1, oldestSentAt: 60 }],
  ['when a visibility timeout has ended', 400, { visible: 3, notVisible: 0, delayed: 1, oldestSentAt: 60 }],
  ['when a delay has ended', 500, { visible: 4, notVisible: 0, delayed: 0, oldestSentAt: 60 }],
])('a queue is told as it is %s', (_when, moment, state) => {
  expect(stateAt('queue', messages, moment)).toEqual({ name: 'queue', ...state });
});

it('has no oldest message when all have been received three times', () => {
  expect(stateAt('queue', [{ sentAt: 50, receives: 3 }], 100)).toMatchObject({
    visible: 1,
    oldestSentAt: null,
  });
  expect(stateAt('queue', [{ sentAt: 50, receives: 2 }], 100)).toMatchObject({ oldestSentAt: 50 });
});
