/** What this system uses of gdal3.js: GDAL's C functions and the file system that they see. */
declare module 'gdal3.js/node.js' {
  /** Loads the module once for each thread. */
  function initGdalJs(options: {
    /** The folder of gdal3WebAssembly.wasm and .data, relative to the working directory. */
    readonly path: string;
    /** GDAL's configuration options. */
    readonly env: Readonly<Record<string, string>>;
    readonly logHandler: (text: string) => void;
    /** Gets the real words of an error or a warning, for example `ERROR 4: …`. */
    readonly errorHandler: (text: string) => void;
  }): Promise<{
    readonly Module: initGdalJs.GdalModule;
    readonly drivers: { readonly raster: Readonly<Record<string, { readonly isReadable: boolean }>> };
  }>;
  namespace initGdalJs {
    /** GDAL compiled to WebAssembly by Emscripten. */
    interface GdalModule {
      /** Calls a C function; pointers are numbers, 0 is NULL. */
      ccall(
        name: string,
        returns: 'number',
        argumentTypes: readonly ('number' | 'string')[],
        values: readonly unknown[],
      ): number;
      ccall(
        name: string,
        returns: 'string',
        argumentTypes: readonly ('number' | 'string')[],
        values: readonly unknown[],
      ): string;
      ccall(
        name: string,
        returns: null,
        argumentTypes: readonly ('number' | 'string')[],
        values: readonly unknown[],
      ): void;
      _malloc(bytes: number): number;
      _free(pointer: number): void;
      lengthBytesUTF8(text: string): number;
      stringToUTF8(text: string, pointer: number, bytes: number): void;
      readonly HEAPU32: Uint32Array;
      readonly FS: {
        mkdir(path: string): void;
        mount(type: unknown, options: { readonly root: string }, at: string): void;
      };
      readonly NODEFS: unknown;
    }
  }
  export = initGdalJs;
}
