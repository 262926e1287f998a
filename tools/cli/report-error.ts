/** Ends a command with what went wrong on one line; the stack only on request, because most errors here are for users. */
export function reportAndExit(error: unknown): never {
  const shown = error instanceof Error ? error.message : String(error);
  console.error(`celeriac: ${shown}`);
  if (process.env['DEBUG'] && error instanceof Error) console.error(error.stack);
  process.exit(1);
}
