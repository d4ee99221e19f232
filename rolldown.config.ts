import { defineConfig } from 'rolldown';
import { buildPage } from './runtimes/browser/build.ts';
import { stageAssets } from './scripts/stage-assets.ts';

/** `npm run build`: everything that a bare runtime needs, in dist/. */
export default defineConfig({
  input: {
    main: 'runtimes/node/main.ts',
    worker: 'runtimes/node/worker.ts',
    index: 'runtimes/node/index.ts',
  },
  platform: 'node',
  // tfjs-backend-wasm's glue asks for it as a CommonJS module.
  transform: { define: { __dirname: 'import.meta.dirname' } },
  output: { dir: 'dist/node', format: 'esm', minify: false },
  plugins: [
    {
      name: 'stage-assets',
      async writeBundle() {
        await buildPage(await stageAssets());
      },
    },
  ],
});
