import type { FunctionRole } from './function-roles.ts';
import { judge } from './judge.ts';

/** What Lambda's pollers do under the role of the function that they poll for. */
const POLLING = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

/**
 * Refuses event source mappings that Lambda refuses to create: their function's role does not let it read the queue.
 * Source: "Using Lambda with Amazon SQS", execution role permissions.
 * @throws Error with a line for each action that is missing
 */
export function refuseUnreadQueues(
  mappings: readonly { functionName: string; queue: { arn: string } }[],
  roles: readonly FunctionRole[],
): void {
  const lines = mappings.flatMap(({ functionName, queue }) => {
    const role = roles.find((one) => one.functionName === functionName);
    return POLLING.filter(
      (action) =>
        judge(role?.statements ?? [], { action: `sqs:${action}`, resource: queue.arn }) !== 'allowed',
    ).map(
      (action) =>
        `The event source mapping of ${queue.arn} cannot be created: the execution role ${role?.roleName} of ${functionName} does not have permissions to call ${action} on SQS`,
    );
  });
  if (lines.length > 0) throw new Error(lines.join('\n'));
}
