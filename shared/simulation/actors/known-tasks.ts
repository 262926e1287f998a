/** The tasks that clients know of: the ask's number, and the id that was answered. */
export type KnownTasks = Map<number, string>;
