import { defineConfig } from 'vitest/config';

/** `npm run test:bench`: apart from the other tests, since it installs the peers first. */
export default defineConfig({
  test: { include: ['bench/**/*.test.ts'], testTimeout: 600_000 },
});
