import { LAPTOP_ACCOUNT, LAPTOP_REGION } from '../assembly/laptop-account.ts';

/**
 * The second argument of a handler, for one invocation that begins now. Time left is told by the monotonic
 * clock: moving the laptop's clock does not shorten a running invocation.
 * Source: AWS Lambda Developer Guide, "Using the Lambda context object (Node.js)".
 */
export function invocationContext(
  fn: { functionName: string; memoryMb: number },
  requestId: string,
  timeoutSeconds: number,
) {
  const deadline = performance.now() + timeoutSeconds * 1000;
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: fn.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${LAPTOP_REGION}:${LAPTOP_ACCOUNT}:function:${fn.functionName}`,
    memoryLimitInMB: String(fn.memoryMb),
    logGroupName: `/aws/lambda/${fn.functionName}`,
    logStreamName: `${day}/[$LATEST]laptop`,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
}
