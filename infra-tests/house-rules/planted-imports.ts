/** A file at some place of the house, with the imports it may have and those it must not have. */
export interface PlantedImports {
  readonly file: string;
  readonly may: readonly string[];
  readonly mayNot: readonly string[];
}

/** Who imports whom: shared ← functions/runtime ← functions/(system) ← registry ← roots; cdk reads declarations. */
export const plantedImports: readonly PlantedImports[] = [
  {
    file: 'shared/importer.ts',
    may: ['node:fs', 'uuid', './env.ts', './tasks/define-task.ts'],
    mayNot: [
      '#functions/registry.ts',
      '#functions/runtime/problem.ts',
      '#cdk/stages.ts',
      '#tools/cli/demo.ts',
      '#shared/env.ts',
      '../functions/registry.ts',
      '../cdk/stages.ts',
      '../tools/cli/demo.ts',
      '../infra-tests/start-emulators.ts',
      './../cdk/stages.ts',
      'aws-cdk-lib',
      'aws-cdk-lib/aws-sqs',
    ],
  },
  {
    file: 'shared/pipeline/importer.ts',
    may: ['../env.ts', '../tasks/define-task.ts', './submit.ts'],
    mayNot: [
      '../../cdk/stages.ts',
      '../../functions/registry.ts',
      '../../tools/cli/demo.ts',
      '../../infra-tests/a.ts',
    ],
  },
  {
    file: 'shared/pipeline/importer.test.ts',
    may: ['../memory/memory-ports.ts'],
    mayNot: [
      '#tools/upstreams/start-upstream.ts',
      '../../tools/upstreams/start-upstream.ts',
      '#functions/registry.ts',
    ],
  },
  {
    file: 'functions/runtime/importer.ts',
    may: ['#shared/env.ts', './problem.ts', './tokens/scopes.ts'],
    mayNot: [
      '#functions/registry.ts',
      '#functions/locations/specs.ts',
      '#functions/runtime/problem.ts',
      '#cdk/stages.ts',
      '#tools/cli/demo.ts',
      '../registry.ts',
      '../locations/specs.ts',
      '../../shared/env.ts',
      '../../cdk/stages.ts',
      'aws-cdk-lib',
      'aws-cdk-lib/aws-sqs',
    ],
  },
  {
    file: 'functions/runtime/tokens/importer.ts',
    may: ['#shared/env.ts', '../problem.ts', './scopes.ts'],
    mayNot: [
      '../../registry.ts',
      '../../locations/specs.ts',
      '#functions/registry.ts',
      '#tools/cli/demo.ts',
      'aws-cdk-lib',
      'aws-cdk-lib/aws-sqs',
    ],
  },
  {
    file: 'functions/locations/importer.ts',
    may: [
      '#shared/env.ts',
      '#functions/runtime/problem.ts',
      '../runtime/problem.ts',
      './specs.ts',
      './fixtures/a.ts',
    ],
    mayNot: [
      '#functions/toolbox/specs.ts',
      '#functions/locations/specs.ts',
      '#functions/registry.ts',
      '#functions/api/main.ts',
      '#cdk/stages.ts',
      '#tools/upstreams/start-upstream.ts',
      '../toolbox/specs.ts',
      '../registry.ts',
      '../api/main.ts',
      '../../shared/env.ts',
      '../../cdk/stages.ts',
      '../../tools/cli/demo.ts',
      'aws-cdk-lib',
      'aws-cdk-lib/aws-sqs',
    ],
  },
  {
    file: 'functions/a-new-system/importer.ts',
    may: ['#functions/runtime/problem.ts'],
    mayNot: ['#functions/locations/specs.ts', '../locations/specs.ts'],
  },
  {
    file: 'functions/locations/fixtures/importer.ts',
    may: [
      '../specs.ts',
      '../other/a.ts',
      '../../runtime/problem.ts',
      '#functions/runtime/problem.ts',
      '#shared/env.ts',
    ],
    mayNot: [
      '../../toolbox/specs.ts',
      '../../registry.ts',
      '../../../cdk/stages.ts',
      '#functions/toolbox/specs.ts',
      'aws-cdk-lib',
      'aws-cdk-lib/aws-sqs',
    ],
  },
  {
    file: 'functions/locations/importer.test.ts',
    may: [
      '#tools/upstreams/start-upstream.ts',
      '#functions/registry.ts',
      '#functions/api/main.ts',
      './specs.ts',
      '#shared/env.ts',
      '../runtime/problem.ts',
      '../api/main.ts',
    ],
    mayNot: [
      '#functions/toolbox/specs.ts',
      '../toolbox/specs.ts',
      '#cdk/stages.ts',
      '../../tools/cli/demo.ts',
    ],
  },
  {
    file: 'functions/locations/fixtures/importer.test.ts',
    may: ['../specs.ts', '../../runtime/problem.ts', '../../api/main.ts'],
    mayNot: ['../../toolbox/specs.ts', '../../../tools/cli/demo.ts'],
  },
  {
    file: 'functions/registry.ts',
    may: [
      '#shared/tasks/define-task.ts',
      '#functions/locations/specs.ts',
      './locations/specs.ts',
      './locations/routes.ts',
      './api/routes.ts',
      './api/task-routes.ts',
      './api/health-route.ts',
      './runtime/define-route.ts',
      '#functions/api/task-routes.ts',
      '#functions/runtime/define-route.ts',
    ],
    mayNot: [
      './locations/location-store.ts',
      './locations/fixtures/specs.ts',
      './api/main.ts',
      './runtime/implement-route.ts',
      '#functions/locations/location-store.ts',
      '#cdk/stages.ts',
      '#tools/cli/demo.ts',
      '../cdk/stages.ts',
      'aws-cdk-lib',
      'aws-cdk-lib/aws-sqs',
    ],
  },
  {
    file: 'functions/route-registry.ts',
    may: [
      '#shared/tasks/define-task.ts',
      '#functions/locations/specs.ts',
      './locations/specs.ts',
      './locations/routes.ts',
      './api/routes.ts',
      './api/task-routes.ts',
      './api/health-route.ts',
      './runtime/define-route.ts',
      '#functions/api/task-routes.ts',
      '#functions/runtime/define-route.ts',
    ],
    mayNot: [
      './locations/location-store.ts',
      './locations/fixtures/specs.ts',
      './api/main.ts',
      './runtime/implement-route.ts',
      '#functions/locations/location-store.ts',
      '#cdk/stages.ts',
      '#tools/cli/demo.ts',
      '../cdk/stages.ts',
      'aws-cdk-lib',
      'aws-cdk-lib/aws-sqs',
    ],
  },
  {
    file: 'functions/api/importer.ts',
    may: [
      '#shared/env.ts',
      '#functions/registry.ts',
      '#functions/locations/read-location.ts',
      '../registry.ts',
    ],
    mayNot: [
      '#cdk/stages.ts',
      '#tools/cli/demo.ts',
      '../../cdk/stages.ts',
      '../../shared/env.ts',
      'aws-cdk-lib',
      'aws-cdk-lib/aws-sqs',
    ],
  },
  {
    file: 'functions/api/tokens/importer.ts',
    may: ['../../registry.ts', '../../toolbox/specs.ts', '#functions/locations/read-location.ts'],
    mayNot: ['#cdk/stages.ts', '../../../cdk/stages.ts'],
  },
  {
    file: 'cdk/importer.ts',
    may: [
      'aws-cdk-lib',
      'aws-cdk-lib/aws-sqs',
      '#shared/env.ts',
      '#functions/registry.ts',
      '#functions/locations/specs.ts',
      '#functions/locations/routes.ts',
      '#functions/api/task-routes.ts',
      '#functions/runtime/define-route.ts',
      './stages.ts',
      './constructs/task-queue.ts',
    ],
    mayNot: [
      '#functions/locations/location-store.ts',
      '#functions/runtime/problem.ts',
      '#functions/runtime/implement-route.ts',
      '#functions/api/main.ts',
      '#functions/workers/default.ts',
      '#tools/cli/demo.ts',
      '#cdk/stages.ts',
      '../functions/registry.ts',
      '../shared/env.ts',
      '../infra-tests/start-emulators.ts',
    ],
  },
  {
    file: 'cdk/constructs/importer.ts',
    may: ['../stages.ts'],
    mayNot: [
      '../../functions/registry.ts',
      '../../shared/env.ts',
      '../../tools/cli/demo.ts',
      '#tools/cli/demo.ts',
    ],
  },
  {
    file: 'tools/importer.ts',
    may: ['#functions/locations/location-store.ts', '#cdk/stages.ts', './cli/demo.ts'],
    mayNot: ['../functions/registry.ts', '../cdk/stages.ts'],
  },
  {
    file: 'tools/laptop-cloud/mappings/importer.ts',
    may: ['#functions/registry.ts', '#shared/env.ts', '../functions/function-pool.ts', '../../cli/demo.ts'],
    mayNot: [
      '../../../functions/registry.ts',
      '../../../shared/env.ts',
      '../../../cdk/stages.ts',
      '../../functions/a.ts',
    ],
  },
  {
    file: 'infra-tests/template/importer.ts',
    may: ['#tools/cli/demo.ts', '#cdk/stages.ts', '#functions/api/main.ts', '../start-emulators.ts'],
    mayNot: ['../../tools/cli/demo.ts', '../../cdk/stages.ts', '../../functions/registry.ts'],
  },
];

/** The file's text: one import a line, in the order of `importsOf`. */
export function importingCode(planted: PlantedImports): string {
  return importsOf(planted)
    .map((source, index) => `import * as part${index} from '${source}';\n`)
    .join('');
}

/** All imports of a planted file; the one at index 0 stands on line 1. */
export function importsOf(planted: PlantedImports): readonly string[] {
  return [...planted.may, ...planted.mayNot];
}
