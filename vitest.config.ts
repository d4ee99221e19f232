import { defineConfig } from 'vitest/config';

/** The real runtimes and the real browser have commands of their own. */
const elsewhere = ['test/runtimes/**', 'test/browser/**', 'test/deploy/**', 'test/openapi/**'];

/** Tests that measure times, how long others wait, or what memory a service takes: nothing runs beside them. */
const alone = ['bulk/faults', 'contract/hostile', 'detect/plain', 'operations/*', 'pool/*', 'server/*'].map(
  (tests) => `test/${tests}.test.ts`,
);

const patience = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // Of the whole, not of a project, which would build once more each.
    globalSetup: ['test/setup/build.ts'],
    projects: [
      {
        test: {
          ...patience,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...elsewhere, ...alone],
          sequence: { groupOrder: 1 },
          // Vitest itself leaves a core to others.
          maxWorkers: '100%',
        },
      },
      {
        test: { ...patience, name: 'alone', include: alone, sequence: { groupOrder: 2 }, maxWorkers: 1 },
      },
    ],
  },
});
