import * as z from 'zod';
import type { IdentifiedAssembly } from '../provision/identify-resources.ts';
import { readProperties } from '../provision/read-properties.ts';
import type { Alarm, CompositeAlarm } from './alarm.ts';
import { actionProperties, baseOf } from './alarm-properties.ts';
import { alarmsOf } from './alarm-rule.ts';
import { parseExpression } from './parse-expression.ts';

const CompositeProperties = z.strictObject({ ...actionProperties, AlarmRule: z.string() });

/**
 * Reads the composite alarms of the templates, each after those that its rule names.
 * @param others the alarms that a rule may name beside composite ones
 * @throws Error naming a composite alarm whose rule cannot be read, or names what does not exist, or itself
 */
export function describeComposites(assembly: IdentifiedAssembly, others: readonly Alarm[]): CompositeAlarm[] {
  let open = assembly.resources('AWS::CloudWatch::CompositeAlarm').map((resource): CompositeAlarm => {
    const given = readProperties(resource, CompositeProperties, 'alarms/describe-composites.ts');
    const rule = parseExpression(given.AlarmRule, 'rule');
    return {
      ...baseOf(resource, given),
      kind: 'composite',
      rule,
      notified: { AlarmRule: given.AlarmRule },
    };
  });

  const ordered: CompositeAlarm[] = [];
  const known = new Set(others.flatMap(({ name, arn }) => [name, arn]));
  while (open.length > 0) {
    const ready = open.filter(({ rule }) => alarmsOf(rule).every((alarm) => known.has(alarm)));
    const [stuck] = open;
    if (ready.length === 0 && stuck !== undefined) {
      const missing = alarmsOf(stuck.rule).filter((alarm) => !known.has(alarm));
      throw new Error(
        `The composite alarm ${stuck.name} names ${missing.join(', ')}: no such alarm, or one that is made of this`,
      );
    }
    ordered.push(...ready);
    for (const { name, arn } of ready) known.add(name).add(arn);
    open = open.filter((alarm) => !ready.includes(alarm));
  }
  return ordered;
}
