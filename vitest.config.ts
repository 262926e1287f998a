import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { laptopOnly } from './infra-tests/e2e/laptop-only.ts';

const endToEnd = 'infra-tests/{e2e,readme}/**/*.test.ts';
const deployment = 'infra-tests/deploy/**/*.test.ts';
/** Slow proofs of what operators rely on, told beside the deployment, so that `npm test` stays quick. */
const operation = ['permissions', 'alarms*', 'chaos'].map((name) => `infra-tests/e2e/${name}.test.ts`);

export default defineConfig({
  test: {
    // A process for each file: some tests change what is global, and none may lean on what another left behind.
    pool: 'forks',
    // One more than there are cores: end-to-end tests wait about as long as they work, and the default leaves a core idle.
    maxWorkers: availableParallelism() + 1,
    watch: false,
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{shared,functions,cdk,tools,infra-tests}/**/*.test.ts'],
          exclude: [endToEnd, deployment],
          globalSetup: 'infra-tests/start-emulators.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [endToEnd],
          exclude: operation,
          globalSetup: 'infra-tests/e2e/synthesise-once.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'operate',
          include: operation,
          globalSetup: 'infra-tests/e2e/synthesise-once.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'deploy',
          include: [deployment, 'infra-tests/e2e/*.test.ts'],
          exclude: Object.keys(laptopOnly).map((file) => `infra-tests/e2e/${file}`),
          globalSetup: 'infra-tests/deploy/deploy-once.ts',
          // All files share one deployed stage, whose queues some of them pause.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
