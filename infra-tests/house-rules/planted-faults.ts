import type { PlantedFile } from './run-linters.ts';

/** A file that breaks one rule and no other. */
export interface PlantedFault extends PlantedFile {
  readonly rule: string;
  /** A second rule, where no code breaks the one without the other. */
  readonly also?: string;
}

const importDirection = 'style/noRestrictedImports';
const barrel = 'performance/noBarrelFile';
const zodNamespace = "Import zod as a namespace: `import * as z from 'zod'`.";
const classIsError = 'A class extends an …Error; write anything else as functions.';
const classIsConstruct = 'A class in cdk extends a construct or an Error; write anything else as functions.';

/** At least one file for every rule that the configuration names. */
export const plantedFaults: readonly PlantedFault[] = [
  {
    rule: importDirection,
    file: 'shared/a/dynamic.ts',
    code: "export const app = await import('#cdk/app.ts');\n",
  },
  {
    rule: importDirection,
    file: 'shared/a/type-only.ts',
    code: importing('type { Stage }', 'Stage', '#cdk/stages.ts'),
  },
  { rule: importDirection, file: 'shared/a/for-effect.ts', code: "import '#functions/api/main.ts';\n" },

  { rule: zodNamespace, file: 'shared/zod/named.ts', code: importing('{ z }', 'z', 'zod') },
  { rule: zodNamespace, file: 'functions/zod/default.ts', code: importing('z', 'z', 'zod') },
  {
    rule: zodNamespace,
    file: 'tools/zod/type-only.ts',
    code: importing('type { ZodType }', 'ZodType', 'zod'),
  },
  { rule: zodNamespace, file: 'cdk/zod/subpath.ts', code: importing('{ z }', 'z', 'zod/v4') },

  { rule: classIsError, file: 'shared/classes/bare.ts', code: 'export class Service {}\n' },
  {
    rule: classIsError,
    file: 'functions/classes/heir.ts',
    code: 'export class Bus extends EventTarget {}\n',
  },
  {
    rule: classIsError,
    file: 'tools/classes/nameless.ts',
    code: 'export const Bus = class extends EventTarget {};\n',
  },
  { rule: classIsConstruct, file: 'cdk/classes/bare.ts', code: 'export class Service {}\n' },

  { rule: 'style/noProcessEnv', file: 'shared/env/dot.ts', code: 'export const env = process.env;\n' },
  {
    rule: 'style/noProcessEnv',
    file: 'functions/env/key.ts',
    code: "export const home = process.env['HOME'];\n",
  },
  {
    rule: 'style/noProcessEnv',
    file: 'cdk/env/named.ts',
    code: importing('{ env }', 'env.HOME', 'node:process'),
  },

  {
    rule: 'suspicious/noImportCycles',
    file: 'tools/cycle/egg.ts',
    code: importing('{ hen }', 'hen', './hen.ts', 'egg'),
  },
  {
    rule: 'suspicious/noImportCycles',
    file: 'tools/cycle/hen.ts',
    code: importing('{ egg }', 'egg', '#tools/cycle/egg.ts', 'hen'),
  },
  {
    rule: barrel,
    file: 'tools/barrel.ts',
    code: "export { used } from './cli/demo.ts';\n",
  },
  {
    rule: barrel,
    also: 'performance/noReExportAll',
    file: 'tools/all.ts',
    code: "export * from './a.ts';\n",
  },
  { rule: 'style/noDefaultExport', file: 'tools/default.ts', code: 'export default 1;\n' },
  { rule: 'style/noEnum', file: 'tools/enum.ts', code: 'export enum Colour {\n  Red = 1,\n}\n' },
  {
    rule: 'correctness/noUnusedImports',
    file: 'tools/unused.ts',
    code: "import { a } from './a.ts';\nexport const b = 1;\n",
  },
  { rule: 'correctness/noUnusedVariables', file: 'tools/variable.ts', code: 'const unused = 1;\n' },
  {
    rule: 'correctness/useImportExtensions',
    file: 'tools/extension.ts',
    code: importing('{ a }', 'a', './cycle/hen'),
  },
  {
    rule: 'style/useImportType',
    file: 'tools/import-type.ts',
    code: "import { A } from './a.ts';\nexport type B = A;\n",
  },
  {
    rule: 'style/useExportType',
    file: 'tools/export-type.ts',
    code: 'interface A {\n  readonly b: 1;\n}\nexport { A };\n',
  },
  {
    rule: 'style/noNonNullAssertion',
    file: 'tools/non-null.ts',
    code: 'export const a = (b: 1 | null) => b!;\n',
  },
  { rule: 'style/useConsistentArrayType', file: 'tools/array.ts', code: 'export type A = Array<string>;\n' },
  { rule: 'suspicious/noExplicitAny', file: 'tools/any.ts', code: 'export const a = (b: any) => b;\n' },
  {
    rule: 'suspicious/noTsIgnore',
    file: 'tools/ignore.ts',
    code: '// @ts-ignore\nexport const a: string = 1;\n',
  },
  {
    rule: 'suspicious/noEmptyBlockStatements',
    file: 'tools/swallowed.ts',
    code: 'export function read() {\n  try {\n    return 1;\n  } catch {}\n  return 2;\n}\n',
  },
  {
    rule: 'suspicious/noFocusedTests',
    file: 'tools/focused.test.ts',
    code: "it.only('a', () => expect(1).toBe(1));\n",
  },
  {
    rule: 'suspicious/noSkippedTests',
    file: 'tools/skipped.test.ts',
    code: "it.skip('a', () => expect(1).toBe(1));\n",
  },
  { rule: 'style/noExcessiveLinesPerFile', file: 'tools/long.ts', code: linesOfCode(301) },
  { rule: 'style/useFilenamingConvention', file: 'tools/camelCase.ts', code: 'export const a = 1;\n' },

  {
    rule: 'typescript/no-floating-promises',
    file: 'tools/floating.ts',
    code: "import { wait } from './wait.ts';\nexport function start() {\n  wait();\n}\n",
  },
  {
    rule: 'typescript/no-misused-promises',
    file: 'tools/misused.ts',
    code: "import { wait } from './wait.ts';\nexport const ready = () => (wait() ? 1 : 0);\n",
  },
];

/** Files that look like faults and are none. */
export const plantedControls: readonly PlantedFile[] = [
  { file: 'house.config.ts', code: 'export default 1;\n' },
  { file: 'shared/env.ts', code: 'export const home = process.env;\n' },
  { file: 'tools/env.ts', code: 'export const home = process.env;\n' },
  { file: 'functions/runtime/env.test.ts', code: "it('reads', () => expect(process.env).toBeDefined());\n" },
  { file: 'shared/zod/namespace.ts', code: importing('* as z', 'z', 'zod') },
  { file: 'shared/zod/type-namespace.ts', code: importing('type * as z', 'z.ZodType', 'zod') },
  {
    file: 'shared/classes/error.ts',
    code: "import * as a from './a.ts';\nexport class B extends a.PermanentError {}\n",
  },
  { file: 'cdk/classes/stack.ts', code: importing('{ Stack }', 'class extends Stack {}', 'aws-cdk-lib') },
  { file: 'tools/not-too-long.ts', code: linesOfCode(300) },
  { file: 'tools/wait.ts', code: 'export async function wait(): Promise<boolean> {\n  return true;\n}\n' },
  {
    file: 'tools/awaited.ts',
    code: "import { wait } from './wait.ts';\nexport const a = async () => await wait();\n",
  },
];

/** A file that imports `names` from `source` and exports an expression (or type) made of them. */
function importing(names: string, expression: string, source: string, exported = 'used'): string {
  const head = names.startsWith('type ') ? `type ${exported}` : `const ${exported}`;
  return `import ${names} from '${source}';\nexport ${head} = ${expression};\n`;
}

/** Code that is so many lines long, most of them blank. */
function linesOfCode(count: number): string {
  return `export const first = 1;\n${'\n'.repeat(count - 2)}export const last = 1;\n`;
}
