import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { ProcessKind } from './process.ts';
import type { World } from './world.ts';

/** What a caller hears: an answer, an error, or nothing because the process died. */
export type Reply<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'silent' };

const longestMs = 29_000;

/** Runs one request in a process of its own. */
export async function ask<Value>(
  world: World,
  kind: Exclude<ProcessKind, 'worker'>,
  work: (ports: PipelinePorts) => Promise<Value>,
): Promise<Reply<Value>> {
  const { process, ports } = world.start(kind, longestMs);
  const { promise, resolve } = Promise.withResolvers<Reply<Value>>();
  process.onDeath(() => resolve({ kind: 'silent' }));
  work(ports).then(
    (value) => resolve({ kind: 'answered', value }),
    (error: unknown) => resolve({ kind: 'failed', error }),
  );
  const reply = await promise;
  if (reply.kind !== 'silent') process.crash('its request is answered');
  return reply;
}
