import { defineConfig } from 'rolldown';
import { stageAssets } from './scripts/stage-assets.ts';

/** `npm run build`: everything that a bare runtime needs, in dist/. */
export default defineConfig({
  input: {
    main: 'runtimes/node/main.ts',
    worker: 'runtimes/node/worker.ts',
    index: 'runtimes/node/index.ts',
  },
  platform: 'node',
  output: { dir: 'dist/node', format: 'esm', minify: false },
  plugins: [
    {
      name: 'stage-assets',
      async writeBundle() {
        await stageAssets();
      },
    },
  ],
});
