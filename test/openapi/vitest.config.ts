import { defineConfig } from 'vitest/config';

/** `npm run test:openapi`: apart from the other tests, since it installs its judges first. */
export default defineConfig({
  test: { include: ['test/openapi/**/*.test.ts'], testTimeout: 120_000 },
});
