import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/** Where tables are served from: a dynoxide binary to run, or a server that runs already. */
export type TableEmulatorSource = { binary: string } | { endpoint: string };

/**
 * Finds the table emulator: the endpoint in CELERIAC_DYNAMODB_URL (DynamoDB Local, for one) when it is set, else
 * dynoxide's package for this platform, else `dynoxide` on PATH.
 * @param search.env variables read: PATH and CELERIAC_DYNAMODB_URL
 * @param search.packageFile resolves a file of an npm package, and throws when it is not installed
 * @throws Error with the three ways to mend it
 */
export function findTableEmulator(
  search: { env?: NodeJS.ProcessEnv; platform?: string; packageFile?: (id: string) => string } = {},
): TableEmulatorSource {
  const env = search.env ?? process.env;
  const platform = search.platform ?? `${process.platform}-${process.arch}`;
  const packageFile = search.packageFile ?? createRequire(import.meta.url).resolve;
  const file = platform.startsWith('win32') ? 'dynoxide.exe' : 'dynoxide';

  const endpoint = env['CELERIAC_DYNAMODB_URL'];
  if (endpoint !== undefined && endpoint !== '') return { endpoint: endpoint.replace(/\/$/, '') };

  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const packaged = folderOf(packageFile, `@dynoxide/${platform}/package.json`);
  for (const folder of packaged === undefined ? folders : [packaged, ...folders]) {
    const binary = join(folder, file);
    if (isExecutable(binary)) return { binary };
  }
  throw new Error(
    `No table emulator for ${platform}: npm i --no-save @dynoxide/${platform}, or put dynoxide on PATH, or set CELERIAC_DYNAMODB_URL to a DynamoDB Local (http://127.0.0.1:8000)`,
  );
}

function folderOf(packageFile: (id: string) => string, id: string): string | undefined {
  try {
    return dirname(packageFile(id));
  } catch (error) {
    // Not installed is one of the three cases; anything else is a broken installation.
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
