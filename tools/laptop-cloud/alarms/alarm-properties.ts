import * as z from 'zod';
import { LAPTOP_ACCOUNT, LAPTOP_REGION } from '../assembly/laptop-account.ts';
import type { ResolvedResource } from '../provision/identify-resources.ts';
import { unread } from '../provision/read-properties.ts';
import type { AlarmBase } from './alarm.ts';

const Topics = z
  .array(z.string().regex(/^arn:aws:sns:/, 'only topics are actions on a laptop'))
  .max(5, 'a state has five actions at most')
  .default([]);

/** The properties that metric alarms and composite alarms share. */
export const actionProperties = {
  AlarmName: unread,
  AlarmDescription: z.string().default(''),
  ActionsEnabled: z.stringbool().or(z.boolean()).default(true),
  AlarmActions: Topics,
  OKActions: Topics,
  InsufficientDataActions: Topics,
  Tags: unread,
};

const Shared = z.object(actionProperties);

/** What every alarm has, of its properties. */
export function baseOf(
  resource: ResolvedResource,
  given: z.output<typeof Shared>,
): Omit<AlarmBase, 'notified'> {
  return {
    name: resource.name,
    arn: `arn:aws:cloudwatch:${LAPTOP_REGION}:${LAPTOP_ACCOUNT}:alarm:${resource.name}`,
    description: given.AlarmDescription,
    actionsEnabled: given.ActionsEnabled,
    actions: {
      ALARM: given.AlarmActions,
      OK: given.OKActions,
      INSUFFICIENT_DATA: given.InsufficientDataActions,
    },
  };
}
