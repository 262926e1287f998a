import { describe, expect, it } from 'vitest';
import type { AlarmState } from './alarm.ts';
import { alarmsOf, ruleHolds } from './alarm-rule.ts';
import { parseExpression } from './parse-expression.ts';

const states: Record<string, AlarmState> = { on: 'ALARM', fine: 'OK', new: 'INSUFFICIENT_DATA' };

function holds(rule: string): boolean {
  return ruleHolds(parseExpression(rule, 'rule'), (alarm) => states[alarm] ?? 'OK');
}

describe('the rule of a composite alarm', () => {
  it.each([
    ['ALARM(on)', true],
    ['ALARM("fine")', false],
    ['OK(fine) AND INSUFFICIENT_DATA(new)', true],
    ['ALARM(fine) OR ALARM(on)', true],
    ['ALARM(fine) OR ALARM(new)', false],
    ['NOT ALARM(on) OR FALSE', false],
    ['NOT (ALARM(fine) OR FALSE) AND TRUE', true],
    ['ALARM(on) OR ALARM(on) AND ALARM(fine)', true],
  ])('%s: %s', (rule, expected) => {
    expect(holds(rule)).toBe(expected);
  });

  it('names its alarms', () => {
    const rule = parseExpression('ALARM(on) OR NOT (OK("fine") AND TRUE)', 'rule');
    expect(alarmsOf(rule)).toEqual(['on', 'fine']);
  });

  it.each(['SILENT(on)', 'ALARM(on, fine)', 'ALARM(on) + OK(fine)', 'on', '1', 'TRUE OR ALARM()'])(
    '%s is refused',
    (rule) => {
      expect(() => holds(rule)).toThrow('an alarm rule has ALARM("…")');
    },
  );
});
