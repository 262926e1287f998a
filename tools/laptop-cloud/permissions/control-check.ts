import { type ControlOperation, unknownCall } from '../control/control-api.ts';
import { accessKeyOf } from './access-key.ts';
import { controlPermissions } from './control-permissions.ts';
import type { Permissions } from './permissions.ts';
import { refusalAnswer } from './refusal-answers.ts';

/**
 * Refuses calls of Lambda's and Systems Manager's API that the caller's role does not allow, and calls whose permissions
 * are not known; leaves all others to the operations after it.
 */
export function controlCheck(permissions: Permissions, log: (line: string) => void): ControlOperation {
  return (call) => {
    const accessKey = accessKeyOf(call.target, call.headers);
    if (permissions.isLaptop(accessKey)) return null;
    const needed = controlPermissions(call);
    if (needed === null) return unknownCall(call, log);
    const refusal = permissions.refuse(accessKey, needed);
    if (refusal === null) return null;
    const { status, headers, body } = refusalAnswer(refusal, call.amzTarget === '' ? 'lambda' : 'ssm');
    return { status, headers: { ...headers }, body };
  };
}
