import { defineConfig } from 'vitest/config';
import { first } from '../setup/first.ts';

/** `npm run test:runtimes`: apart from the other tests, since it installs the runtimes first. */
export default defineConfig({
  test: {
    include: ['test/runtimes/**/*.test.ts'],
    globalSetup: ['test/runtimes/setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Servers of two files at once are enough for two cores.
    maxWorkers: 2,
    sequence: { sequencer: first('test/runtimes/contract.test.ts') },
  },
});
