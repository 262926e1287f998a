import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What the client was asked to do: the command's name and input. */
export interface Call {
  readonly command: string;
  readonly input: object;
}

/** Runs before each further command of the client; what it throws comes in place of DynamoDB's answer. */
export function beforeCalls(
  client: DynamoDBDocumentClient,
  hook: (call: Call) => void | Promise<void>,
): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      await hook({ command: String(context['commandName']), input: args.input });
      return next(args);
    },
    { step: 'initialize' },
  );
}

/** Loses the first reply of a command of this name: it is done, `meanwhile` runs, and the SDK meets a time-out. */
export function loseReply(
  client: DynamoDBDocumentClient,
  command: string,
  meanwhile: () => Promise<unknown> = async () => undefined,
): void {
  let lost = false;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const reply = await next(args);
      if (lost || context['commandName'] !== command) return reply;
      lost = true;
      await meanwhile();
      throw Object.assign(new Error('the reply was lost'), { name: 'TimeoutError' });
    },
    // Within the SDK's own retries, which see each try.
    { step: 'deserialize', priority: 'high' },
  );
}

/** What DynamoDB answers when it cancels a transaction: a reason for each action. */
export function cancelled(...codes: readonly string[]): TransactionCanceledException {
  return new TransactionCanceledException({
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
    CancellationReasons: codes.map((Code) => ({ Code })),
    $metadata: {},
  });
}
