import { isEnded, type TaskRecord } from '../lifecycle/task-record.ts';
import type { PayloadEntry } from '../ports/payload-store.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { ownerOf, payloadPrefix } from './payloads.ts';

/** How many payloads a sweep has looked at, and what became of them. */
export interface SweepCounts {
  readonly scanned: number;
  readonly deleted: number;
  readonly kept: number;
}

/** How a sweep is bounded and where it tells how far it is. */
export interface SweepOptions {
  /** Asked before each page; false ends the sweep there. */
  goOn(): boolean;
  /** Called after each page. */
  observe(counts: SweepCounts): void;
  /** Called for a record that cannot be read; its payloads are kept. */
  onDamaged(taskId: string, error: unknown): void;
  /** Payloads a page. @default 100 */
  readonly pageSize?: number;
}

/** A payload is stored before its record: one that belongs to none may be on its way for this long. */
const orphanAge = 24 * 3600 * 1000;

/**
 * Removes payloads that nobody can read any more: results past their expiry, and all of tasks whose record is gone or
 * has expired. Looks at the oldest tasks first, for their ids begin with their time; `complete` is false when `goOn` ended
 * it. Throws what the stores throw. Any number of sweeps may overlap or be repeated.
 */
export async function sweepPayloads(
  ports: PipelinePorts,
  options: SweepOptions,
): Promise<SweepCounts & { complete: boolean }> {
  const { goOn, observe, pageSize = 100 } = options;
  let counts: SweepCounts = { scanned: 0, deleted: 0, kept: 0 };
  let cursor: string | undefined;
  do {
    if (!goOn()) return { ...counts, complete: false };
    const { items, nextCursor } = await ports.payloads.list(payloadPrefix, pageSize, cursor);
    const useless = await findUseless(ports, items, options);
    await ports.payloads.remove(useless);
    counts = {
      scanned: counts.scanned + items.length,
      deleted: counts.deleted + useless.length,
      kept: counts.kept + items.length - useless.length,
    };
    observe(counts);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
  return { ...counts, complete: true };
}

async function findUseless(
  ports: PipelinePorts,
  entries: readonly PayloadEntry[],
  { onDamaged }: SweepOptions,
): Promise<string[]> {
  const owned = entries.flatMap((entry) => {
    const owner = ownerOf(entry.key);
    return owner === null ? [] : [{ ...entry, ...owner }];
  });
  const now = ports.clock.now();
  const byTask = Map.groupBy(owned, ({ taskId }) => taskId);
  const found = await Promise.all(
    [...byTask].map(async ([taskId, payloads]) => {
      try {
        const record = await ports.store.read(taskId);
        return payloads.filter((payload) => isUseless(payload, record, now)).map(({ key }) => key);
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'DamagedRecord') throw error;
        onDamaged(taskId, error);
        return [];
      }
    }),
  );
  return found.flat();
}

function isUseless(
  payload: PayloadEntry & { readonly isResult: boolean },
  record: TaskRecord | null,
  now: number,
): boolean {
  const isGone = record === null || (isEnded(record) && record.expiresAt <= now);
  if (isGone) return payload.storedAt <= now - orphanAge;
  return payload.isResult && record.state === 'SUCCESS' && record.resultExpiresAt <= now;
}
