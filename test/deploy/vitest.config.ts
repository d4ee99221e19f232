import { defineConfig } from 'vitest/config';

/** `npm run test:deploy`: what serves the service, around it. Needs nginx. */
export default defineConfig({
  test: {
    include: ['test/deploy/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});
