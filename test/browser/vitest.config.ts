import { defineConfig } from 'vitest/config';

/** `npm run test:browser`: apart from the other tests, since it needs Chromium. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/setup.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    // Each has a browser, which takes all cores there are.
    fileParallelism: false,
  },
});
