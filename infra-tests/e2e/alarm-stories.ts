import { expect } from 'vitest';

/** Every alarm there is, and somebody who is told. */
export const alarmContext = { alarms: 'all', alarmEmail: 'on-call@example.com' } as const;

/** How long a file's start may take, in milliseconds: each synthesises this context, and they do it side by side. */
export const synthesisPatience = 180_000;

/** Which alarms go on and end in which file's stories, by what happens there. */
export const alarmStories = {
  'alarms.test.ts': [
    ...['default-dead-letters', 'priority-dead-letters', 'default-age', 'priority-age'],
    ...['geo_processing-age', 'oldest-unfinished-task', 'reconciler-silent', 'default-worker-errors'],
    'beat-errors',
  ],
  'alarms-of-faults.test.ts': [
    ...['messages-kept', 'dynamodb-system-errors', 'reconciler-errors', 'api-5xx', 'pipeline-unhealthy'],
    ...['dynamodb-throttles', 'throttles', 'api-errors', 'task-failures', 'rule-failures'],
    ...['missed-schedules', 'rule-dead-letters'],
  ],
  'alarms-of-slowness.test.ts': [
    ...['api-latency', 'geo-processing-worker-concurrency', 'geo-processing-worker-duration'],
    ...['default-worker-duration', 'geo-processing-worker-errors', 'geo_processing-dead-letters'],
  ],
} as const;

/** Alarms without a story, each with the reason. */
export const withoutStory: Readonly<Record<string, string>> = {
  'default-worker-concurrency':
    'it begins at 54 invocations at a time, and a laptop runs ten a mapping, twenty of this worker; ' +
    'geo-processing-worker-concurrency is the same alarm of a smaller worker',
};

/** Sees that somebody was mailed of every alarm of a file when it went on, and when it ended. */
export function expectMails(file: keyof typeof alarmStories, printed: readonly string[]): void {
  const mailed = (state: string, name: string) =>
    printed.some((line) =>
      line.startsWith(`mail to ${alarmContext.alarmEmail}: ${state}: "celeriac-dev-${name}" in `),
    );
  const missing = alarmStories[file].flatMap((name) =>
    ['ALARM', 'OK'].filter((state) => !mailed(state, name)).map((state) => `${name}: ${state}`),
  );
  expect(missing).toEqual([]);
}
