import { loadBeside } from '#functions/runtime/load-beside.ts';
import type { ClientSettings } from '#shared/aws/clients.ts';
import type { createLambdaCalls, LambdaCalls } from '#shared/aws/lambda-calls.ts';

/** Lambda's API, whose client is loaded by the first call: it would be a tenth of each cold start. */
export function openLambdaCalls(settings?: ClientSettings): LambdaCalls {
  let opened: LambdaCalls | null = null;
  const open = () => {
    opened ??= lambdaCalls().createLambdaCalls(settings);
    return opened;
  };
  return {
    invoke: async (...call) => open().invoke(...call),
    mappingState: async (mappingId) => open().mappingState(mappingId),
  };
}

/** The template bundles the module next to this function's own bundle. */
function lambdaCalls() {
  return loadBeside(__dirname, 'lambda-calls') as { createLambdaCalls: typeof createLambdaCalls };
}
