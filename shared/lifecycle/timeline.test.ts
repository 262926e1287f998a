import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from './task-record.ts';
import { extendTimeline } from './timeline.ts';

const entry = (changes: Partial<TimelineEntry>): TimelineEntry => ({
  state: 'STARTED',
  at: 0,
  attempt: 1,
  epoch: 1,
  detail: null,
  ...changes,
});
const opening = (epoch: number) =>
  entry({ state: 'PENDING', attempt: 0, epoch, detail: `retried by ada: ${epoch}` });

describe('a long history', () => {
  it('has at most 50 entries, the newest among them', () => {
    let timeline = [opening(1)];
    for (let at = 1; at <= 80; at++) timeline = extendTimeline({ timeline }, entry({ at }));
    expect(timeline).toHaveLength(50);
    expect(timeline.map(({ at }) => at)).toEqual([0, ...Array.from({ length: 49 }, (_, n) => 32 + n)]);
  });

  it('keeps who opened which epoch, and lets attempts go first', () => {
    let timeline = [opening(1)];
    for (let epoch = 2; epoch <= 5; epoch++) {
      timeline = extendTimeline({ timeline }, opening(epoch));
      for (let at = 0; at < 30; at++) timeline = extendTimeline({ timeline }, entry({ epoch, at }));
    }
    expect(timeline).toHaveLength(50);
    const openings = timeline.filter(({ state }) => state === 'PENDING').map(({ epoch }) => epoch);
    expect(openings).toEqual([1, 2, 3, 4, 5]);
  });

  it('is bounded even if it has nothing but openings', () => {
    let timeline = [opening(1)];
    for (let epoch = 2; epoch <= 80; epoch++) timeline = extendTimeline({ timeline }, opening(epoch));
    expect(timeline).toHaveLength(50);
    expect([timeline[0]?.epoch, timeline[1]?.epoch, timeline.at(-1)?.epoch]).toEqual([1, 32, 80]);
  });

  it('cuts long words without halving a character', () => {
    const [, cut] = extendTimeline({ timeline: [opening(1)] }, entry({ detail: `${'x'.repeat(199)}😀` }));
    expect(cut?.detail).toBe(`${'x'.repeat(199)}\uFFFD`);
  });
});
