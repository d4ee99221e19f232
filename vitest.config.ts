import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The real runtimes and the real browser have commands of their own.
    exclude: ['test/runtimes/**', 'test/browser/**', 'test/deploy/**', 'test/openapi/**'],
    globalSetup: ['test/setup/build.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
