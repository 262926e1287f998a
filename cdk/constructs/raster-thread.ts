import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ICommandHooks } from 'aws-cdk-lib/aws-lambda-nodejs';
import { build, type Plugin } from 'esbuild';
import { bundleName, esbuildOptions, projectRoot } from './bundling.ts';

const thread = 'functions/rasters/conversion/raster-thread.ts';
const require = createRequire(import.meta.url);

/** sharp's program: it starts its own file as threads, so it stays a file of its own. */
const sharpProgram = 'sharp-wasm32-0.35.5.node.js';

/**
 * Makes sharp use its WebAssembly build, whatever is installed: its own search would find the native build of the machine
 * that bundles, not of the function's.
 */
const sharpAsWasm: Plugin = {
  name: 'sharp-as-wasm',
  setup({ onResolve }) {
    // Its module for `import` needs import.meta, which CommonJS has not.
    onResolve({ filter: /^sharp$/ }, () => ({
      path: join(projectRoot, 'node_modules/sharp/dist/index.cjs'),
    }));
    onResolve({ filter: /^\.\/sharp\.cjs$/ }, () => ({ path: `./${sharpProgram}`, external: true }));
  },
};

/** Bundles the thread of geo-rasters into a folder, its programs beside it: 50 MB. */
export async function bundleRasterThread(folder: string): Promise<void> {
  const gdal = dirname(require.resolve('gdal3.js/dist/package/gdal3.node.js'));
  const sharp = join(dirname(require.resolve('@img/sharp-wasm32/package')), 'lib');
  const bundles = [
    { from: thread, to: bundleName(thread) },
    { from: join(sharp, sharpProgram), to: sharpProgram },
  ];
  const data = [
    ...['gdal3WebAssembly.wasm', 'gdal3WebAssembly.data'].map((file) => join(gdal, file)),
    join(sharp, sharpProgram.replace(/js$/, 'wasm')),
  ];
  await Promise.all([
    ...bundles.map(({ from, to }) =>
      build({ ...esbuildOptions(from, join(folder, to)), plugins: [sharpAsWasm], logLevel: 'warning' }),
    ),
    ...data.map((file) => copyFile(file, join(folder, basename(file)))),
  ]);
}

/** Bundles the thread of geo-rasters into the asset of the function that starts it. */
export const rasterThreadHooks: ICommandHooks = {
  beforeBundling: () => [],
  beforeInstall: () => [],
  afterBundling: (_inputDir, outputDir) => [
    [process.execPath, fileURLToPath(new URL('../bundle-raster-thread.ts', import.meta.url)), outputDir]
      .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
      .join(' '),
  ],
};
