import type { ClientSettings } from '#shared/aws/clients.ts';
import type { LambdaCalls } from '#shared/aws/lambda-calls.ts';

/** Opens Lambda's API, loaded at the first call: most requests do without, and a cold start is sooner over. */
export function openLambda(settings: ClientSettings = {}): LambdaCalls {
  let opened: Promise<LambdaCalls> | null = null;
  const open = () => {
    opened ??= import('#shared/aws/lambda-calls.ts').then(({ createLambdaCalls }) =>
      createLambdaCalls(settings),
    );
    return opened;
  };
  return {
    invoke: async (...call) => (await open()).invoke(...call),
    mappingState: async (mappingId) => (await open()).mappingState(mappingId),
  };
}
