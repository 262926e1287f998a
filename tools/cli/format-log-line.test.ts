import { describe, expect, it } from 'vitest';
import { formatLogLine } from './format-log-line.ts';

describe('formatLogLine', () => {
  it('makes one of our lines readable', () => {
    const line = JSON.stringify({
      level: 'INFO',
      message: 'attempt ended',
      timestamp: '2026-11-21T00:44:11.350Z',
      service: 'worker',
      sampling_rate: 0,
      stage: 'dev',
      task_id: 't1',
      duration_ms: 253,
    });
    expect(formatLogLine(`Celeriac-dev-Worker: ${line}`)).toBe(
      '00:44:11.350 INFO  worker         attempt ended task_id=t1 duration_ms=253',
    );
  });

  it('leaves out metrics', () => {
    expect(formatLogLine('Celeriac-dev-Worker: {"_aws":{},"TasksStarted":1}')).toBeNull();
  });

  it.each(['plain words', 'fn: { not json', 'fn: {"other":"shape"}', 'fn: 12'])(
    'passes %s as it is',
    (line) => {
      expect(formatLogLine(line)).toBe(line);
    },
  );
});
