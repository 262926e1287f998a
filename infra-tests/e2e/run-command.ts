import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { projectDir } from '#tools/cli/run-laptop.ts';

/** How a command ended, and what it said. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs in a process of its own. */
export interface RunningCommand {
  readonly pid: number;
  readonly ended: Promise<CommandEnd>;
  /**
   * Resolves with all that the command has printed once a line of it begins like this; rejects when the command ends
   * without.
   */
  printed(beginning: string): Promise<string>;
  kill(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
}

/** Runs a program of this project, as npm scripts run it. */
export function runCommand(program: string, ...words: readonly string[]): RunningCommand {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[name] }).on('line', (line) => {
      said[name] += `${line}\n`;
      for (const look of waiting) look();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...said }));
  return {
    pid: child.pid ?? 0,
    ended,
    kill: (signal) => child.kill(signal),
    printed: (beginning) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const look = () => {
        if (said.stdout.split('\n').some((line) => line.startsWith(beginning))) resolve(said.stdout);
      };
      waiting.add(look);
      look();
      void ended.then((end) => reject(new Error(`${program} ended: ${JSON.stringify(end)}`)));
      return promise.finally(() => waiting.delete(look));
    },
  };
}
