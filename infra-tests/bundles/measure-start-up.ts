import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A module to load, and the environment it needs. */
export interface Loaded {
  readonly name: string;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Prints, last of all, the milliseconds of processor time that the main thread has used. */
const tellProcessorTime = `process.on('exit', () => {
  const { user, system } = process.threadCpuUsage();
  process.stdout.write('\\n' + (user + system) / 1000);
});`;

/**
 * Milliseconds that loading each module adds to bare Node, by name: the medians of `rounds` runs in processes of their
 * own, taken in turns, so that a busy moment meets all alike. Measured in processor time of the main thread, because
 * elapsed time tells mostly how busy the machine is. Throws, with its message, when a module does not load.
 */
export async function measureStartUp(
  modules: readonly Loaded[],
  rounds: number,
): Promise<ReadonlyMap<string, number>> {
  const bare: number[] = [];
  const loaded = modules.map((module) => ({ ...module, times: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    bare.push(await processorTime('', {}));
    for (const { file, environment, times } of loaded) {
      times.push(await processorTime(load(file), environment));
    }
  }
  return new Map(loaded.map(({ name, times }) => [name, median(times) - median(bare)]));
}

/** An error that nobody catches would be printed with its line of the bundle, which is most of the bundle. */
function load(file: string): string {
  return `try { require(${JSON.stringify(file)}); } catch (error) { process.exitCode = 1; console.error(error.message); }`;
}

async function processorTime(code: string, env: Readonly<Record<string, string>>): Promise<number> {
  const { stdout } = await run(process.execPath, ['-e', `${tellProcessorTime}${code}`], { env });
  return Number(stdout.split('\n').at(-1));
}

function median(numbers: readonly number[]): number {
  const middle = numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
  if (middle === undefined) throw new Error('there is no median of nothing');
  return middle;
}
