import { relative } from 'node:path';
import initGdalJs, { type GdalModule } from 'gdal3.js/node.js';
import { RasterRefused } from './raster-refused.ts';

/** An open file: the address of GDAL's dataset. */
export type Dataset = number & { readonly brand?: 'dataset' };

/**
 * GDAL, for one thread. It sees no file but those of the folders that it was shown. Throws RasterRefused with GDAL's own
 * words for a file that it cannot work with.
 */
export interface Gdal {
  /** Lets GDAL see a folder; tells the path by which GDAL knows it. */
  show(folder: string): string;
  /** How many bytes of decoded pixels GDAL keeps, to use them again. */
  keepAtMost(bytes: number): void;
  /** Reads no more than a header. */
  open(path: string): Dataset;
  /** What `gdalinfo -json` prints. */
  info(dataset: Dataset): unknown;
  /** `gdal_translate` with these arguments; the result is open. */
  translate(dataset: Dataset, target: string, options: readonly string[]): Dataset;
  /** `gdalwarp` with these arguments; the result is open. */
  warp(dataset: Dataset, target: string, options: readonly string[]): Dataset;
  /** Closes a dataset, which also writes what is still to be written of it. */
  close(dataset: Dataset): void;
}

/** Formats whose files only describe where the pixels are: in other files or on the network. */
const indirect = ['VRT', 'DERIVED', 'WMTS', 'STACTA', 'STACIT', 'TIL', 'KMLSUPEROVERLAY'];

const openFlags = { raster: 0x02, verboseError: 0x40 };

/**
 * Starts GDAL, once in a thread; takes about a second.
 *
 * @param programFolder where gdal3WebAssembly.wasm and gdal3WebAssembly.data are
 */
export async function startGdal(programFolder: string): Promise<Gdal> {
  const lines: string[] = [];
  const { Module, drivers } = await initGdalJs({
    // It reads its files below the working directory, whatever path it is given, and takes an empty one for its default.
    path: relative(process.cwd(), programFolder) || '.',
    env: {},
    logHandler: () => undefined,
    errorHandler: (line) => void lines.push(line),
  });
  const readable = Object.entries(drivers.raster)
    .filter(([name, { isReadable }]) => isReadable && !indirect.includes(name))
    .map(([name]) => name);

  /** Runs one of GDAL's functions: nothing counts as done that had an error, even if GDAL went on. */
  function run<Result>(call: () => Result): Result {
    lines.length = 0;
    Module.ccall('CPLErrorReset', null, [], []);
    let result: Result;
    try {
      result = call();
    } catch (cause) {
      throw refusal(lines, cause);
    }
    if (!result || lines.some(isError)) throw refusal(lines);
    return result;
  }

  function application(name: 'GDALInfo' | 'GDALTranslate' | 'GDALWarpApp', options: readonly string[]) {
    const list = stringList(Module, options);
    const parsed = Module.ccall(`${name}OptionsNew`, 'number', ['number', 'number'], [list.pointer, 0]);
    list.free();
    return {
      parsed,
      [Symbol.dispose]: () => Module.ccall(`${name}OptionsFree`, null, ['number'], [parsed]),
    };
  }

  let shown = 0;
  return {
    show(root) {
      shown += 1;
      const name = `/folder-${shown}`;
      Module.FS.mkdir(name);
      Module.FS.mount(Module.NODEFS, { root }, name);
      return name;
    },
    keepAtMost: (bytes) => Module.ccall('GDALSetCacheMax', null, ['number'], [bytes]),
    open(path) {
      const allowed = stringList(Module, readable);
      try {
        const flags = openFlags.raster | openFlags.verboseError;
        const types = ['string', 'number', 'number', 'number', 'number'] as const;
        return run(() => Module.ccall('GDALOpenEx', 'number', types, [path, flags, allowed.pointer, 0, 0]));
      } finally {
        allowed.free();
      }
    },
    info(dataset) {
      using options = application('GDALInfo', ['-json']);
      const types = ['number', 'number'] as const;
      const text = run(() => Module.ccall('GDALInfo', 'string', types, [dataset, options.parsed]));
      return JSON.parse(text);
    },
    translate: (dataset, target, options) =>
      run(() => {
        using parsed = application('GDALTranslate', options);
        const types = ['string', 'number', 'number', 'number'] as const;
        return Module.ccall('GDALTranslate', 'number', types, [target, dataset, parsed.parsed, 0]);
      }),
    warp: (dataset, target, options) =>
      run(() => {
        using parsed = application('GDALWarpApp', options);
        const sources = Module._malloc(4);
        Module.HEAPU32[sources / 4] = dataset;
        const types = ['string', 'number', 'number', 'number', 'number', 'number'] as const;
        const values = [target, 0, 1, sources, parsed.parsed, 0];
        const result = Module.ccall('GDALWarp', 'number', types, values);
        Module._free(sources);
        return result;
      }),
    close(dataset) {
      run(() => {
        Module.ccall('GDALClose', null, ['number'], [dataset]);
        return true;
      });
    },
  };
}

/** A NULL-terminated array of C strings. */
function stringList(module: GdalModule, texts: readonly string[]) {
  const pointers = texts.map((text) => {
    const bytes = module.lengthBytesUTF8(text) + 1;
    const pointer = module._malloc(bytes);
    module.stringToUTF8(text, pointer, bytes);
    return pointer;
  });
  const pointer = module._malloc(4 * (pointers.length + 1));
  module.HEAPU32.set([...pointers, 0], pointer / 4);
  return { pointer, free: () => [pointer, ...pointers].forEach((address) => void module._free(address)) };
}

function isError(line: string): boolean {
  return line.startsWith('ERROR');
}

/** What to throw for what GDAL said, without the names by which GDAL knows our folders. */
function refusal(lines: readonly string[], cause?: unknown): Error {
  const words = [...new Set(lines.filter(isError))]
    .slice(0, 3)
    .map((line) =>
      line.replace(/^ERROR \d+: /, '').replaceAll(/\/folder-\d+\/| \(this error can be [^)]*\)/g, ''),
    )
    .join('; ');
  const message = `GDAL: ${words || 'the file cannot be processed'}`;
  // A full disk is nothing that the file can help.
  if (/write error|No space left|I\/O error/i.test(words)) return new Error(message, { cause });
  return new RasterRefused(message, { cause });
}
