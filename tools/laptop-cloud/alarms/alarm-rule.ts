import type { AlarmState } from './alarm.ts';
import type { Expression } from './parse-expression.ts';

const STATES: ReadonlySet<string> = new Set<AlarmState>(['OK', 'ALARM', 'INSUFFICIENT_DATA']);

/**
 * Whether the rule of a composite alarm holds.
 * Source: "PutCompositeAlarm" in the Amazon CloudWatch API reference.
 * @param stateOf the state of an alarm by its name or ARN
 * @throws Error naming what is no part of such a rule
 */
export function ruleHolds(rule: Expression, stateOf: (alarm: string) => AlarmState): boolean {
  if (rule.kind === 'name' && rule.name === 'TRUE') return true;
  if (rule.kind === 'name' && rule.name === 'FALSE') return false;
  if (rule.kind === 'unary' && rule.operator === 'NOT') return !ruleHolds(rule.operand, stateOf);
  if (rule.kind === 'binary' && (rule.operator === 'AND' || rule.operator === 'OR')) {
    // Both sides, so that a fault in either shows whatever the other says.
    const [left, right] = [ruleHolds(rule.left, stateOf), ruleHolds(rule.right, stateOf)];
    return rule.operator === 'AND' ? left && right : left || right;
  }
  const named = namedAlarm(rule);
  if (named !== null) return stateOf(named.alarm) === named.state;
  throw new Error(
    `an alarm rule has ALARM("…"), OK("…"), INSUFFICIENT_DATA("…"), TRUE, FALSE, AND, OR, NOT: ${JSON.stringify(rule)} is none of them`,
  );
}

/** The names and ARNs of the alarms in a rule. */
export function alarmsOf(rule: Expression): string[] {
  const found: string[] = [];
  ruleHolds(rule, (alarm) => {
    found.push(alarm);
    return 'OK';
  });
  return found;
}

function namedAlarm(rule: Expression): { state: string; alarm: string } | null {
  if (rule.kind !== 'call' || !STATES.has(rule.name)) return null;
  const [given, ...more] = rule.given;
  if (more.length > 0) return null;
  if (given?.kind === 'text') return { state: rule.name, alarm: given.value };
  return given?.kind === 'name' ? { state: rule.name, alarm: given.name } : null;
}
