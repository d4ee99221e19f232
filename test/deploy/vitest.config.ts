import { defineConfig } from 'vitest/config';
import { first } from '../setup/first.ts';

/** `npm run test:deploy`: what serves the service, around it. Needs nginx. */
export default defineConfig({
  test: {
    include: ['test/deploy/**/*.test.ts'],
    globalSetup: ['test/deploy/setup.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    // Much of it is one program at a time: an emulator, a compressor.
    maxWorkers: 2,
    sequence: { sequencer: first('test/deploy/emulator.test.ts') },
  },
});
