import { defineConfig } from 'vitest/config';

const endToEnd = 'infra-tests/{e2e,readme}/**/*.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,functions,cdk,tools,infra-tests}/**/*.test.ts'],
          exclude: [endToEnd],
          globalSetup: 'infra-tests/start-emulators.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: [endToEnd],
          globalSetup: 'infra-tests/e2e/synthesise-once.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
