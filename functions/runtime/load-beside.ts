import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Loads a module that the template bundles to a file of its own beside the function's bundle: for what a function seldom
 * needs and would pay for at each cold start. (An `import()` inside one bundle saves nothing: esbuild then defers all that
 * the module shares with the rest.) Node keeps it, so that only the first call takes time.
 *
 * @param folder where the bundle lies, `__dirname`
 * @param name the module's file name without its extension
 */
export function loadBeside(folder: string, name: string): unknown {
  const file = join(folder, `${name}.js`);
  return createRequire(file)(file);
}
