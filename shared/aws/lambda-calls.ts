import { GetEventSourceMappingCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { bounded, type ClientSettings } from './clients.ts';

/** The calls of Lambda's API that the product makes. Each throws what Lambda throws. */
export interface LambdaCalls {
  /**
   * Runs a function and waits for its end; resolves with the error it ended by, as Lambda tells it, or null. The function
   * goes on when the signal is aborted. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
   */
  invoke(functionName: string, event: unknown, signal: AbortSignal): Promise<string | null>;
  /**
   * The state of an event source mapping: `Enabled`, `Disabled` and those between.
   * https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
   */
  mappingState(mappingId: string): Promise<string | null>;
}

/** Opens Lambda's API; whoever waits for functions gives a longer deadline for answers. */
export function createLambdaCalls(settings: ClientSettings = {}): LambdaCalls {
  const client = new LambdaClient(bounded(settings));
  return {
    async invoke(FunctionName, event, abortSignal) {
      const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) });
      const { FunctionError, Payload } = await client.send(command, { abortSignal });
      if (!FunctionError) return null;
      return Payload ? Buffer.from(Payload).toString() : FunctionError;
    },
    async mappingState(UUID) {
      const { State } = await client.send(new GetEventSourceMappingCommand({ UUID }));
      return State ?? null;
    },
  };
}
