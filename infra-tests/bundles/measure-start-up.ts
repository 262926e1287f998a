import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A module to load, and the environment it needs. */
export interface Loaded {
  readonly name: string;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Milliseconds that loading each module adds to bare Node, by name. */
export type StartUp = ReadonlyMap<string, number>;

/** When to stop: after `atLeast` rounds once the result is good enough, and always after `atMost`. */
export interface Rounds {
  readonly atLeast: number;
  readonly atMost: number;
  enough(startUp: StartUp): boolean;
}

/** Prints, last of all, the milliseconds of processor time that the process has used. */
const tellProcessorTime = `process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write('\\n' + (user + system) / 1000);
});`;

/**
 * Measures the processor time that modules take to load, each in processes of its own, in turns with bare Node. Other
 * processes can only add to it, so the fastest run of each is the truest; elapsed time would tell mostly how busy the
 * machine is. Throws, with what was printed, when a module does not load.
 */
export async function measureStartUp(modules: readonly Loaded[], rounds: Rounds): Promise<StartUp> {
  let bare = Number.POSITIVE_INFINITY;
  const fastest = new Map<string, number>();
  for (let round = 1; ; round++) {
    bare = Math.min(bare, await processorTime('', {}));
    for (const { name, file, environment } of modules) {
      const took = await processorTime(`require(${JSON.stringify(file)});`, environment);
      fastest.set(name, Math.min(took, fastest.get(name) ?? took));
    }
    const startUp = new Map([...fastest].map(([name, took]) => [name, took - bare]));
    if (round >= rounds.atMost || (round >= rounds.atLeast && rounds.enough(startUp))) return startUp;
  }
}

async function processorTime(code: string, env: Readonly<Record<string, string>>): Promise<number> {
  const { stdout } = await run(process.execPath, ['-e', `${tellProcessorTime}${code}`], { env });
  return Number(stdout.split('\n').at(-1));
}
