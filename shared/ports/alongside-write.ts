/** One write of an application's own that is committed together with a new task, or not at all. */
export interface AlongsideWrite {
  readonly table: string;
  /** The item to be put, its key included; null deletes what is under `key`. */
  readonly item: Readonly<Record<string, unknown>> | null;
  readonly key: { readonly pk: string; readonly sk: string };
  /** What the stored item must be for the write to happen: not there, or with this value in this attribute. */
  readonly onlyIf: 'absent' | { readonly attribute: string; readonly equals: string | number };
}

/** Thrown when a write that was to be committed together with a task met another item than it expected. */
export class AlongsideRefused extends Error {
  override name = 'AlongsideRefused';
}
