import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';
import { compressAssets } from './build/compress-assets.ts';
import { modulesIn, writeLicenceFiles } from './build/licences.ts';
import { buildLibraries, buildPage } from './build/page.ts';
import { stageAssets } from './build/stage-assets.ts';

/** `npm run build`: everything that a bare runtime needs, in dist/. */
export default defineConfig({
  input: {
    'node/main': 'runtimes/node/main.ts',
    'node/index': 'runtimes/node/index.ts',
    'bun/main': 'runtimes/bun/main.ts',
    'bun/binary': 'runtimes/bun/binary.ts',
    'bun/index': 'runtimes/bun/index.ts',
    'deno/main': 'runtimes/deno/main.ts',
    'deno/index': 'runtimes/deno/index.ts',
    'deno/worker': 'runtimes/deno/worker.ts',
    'node-api/worker': 'runtimes/node-api/worker.ts',
  },
  platform: 'node',
  // Its build for Node looks into the environment, for which Deno wants a permission.
  resolve: { alias: { yaml: fileURLToPath(new URL('node_modules/yaml/browser/index.js', import.meta.url)) } },
  transform: {
    define: {
      // tfjs-backend-wasm's glue asks for it as a CommonJS module.
      __dirname: 'import.meta.dirname',
      // Deno's workers have a location, of origin "null"; onnxruntime-web resolves addresses against
      // that, and fails.
      'location.origin': 'undefined',
    },
  },
  output: {
    dir: 'dist',
    format: 'esm',
    chunkFileNames: 'node-api/[name].js',
    // Comes before everything else: what follows it cannot begin on an old Node.
    codeSplitting: { groups: [{ name: 'supported', test: /runtimes\/node\/supported/ }] },
  },
  plugins: [
    {
      name: 'stage-assets',
      async writeBundle(_, bundle) {
        const assets = await stageAssets();
        const page = await buildPage(assets);
        await compressAssets(assets);
        const libraries = await buildLibraries(assets, 'dist');
        await writeLicenceFiles(assets, [...modulesIn(Object.values(bundle)), ...page, ...libraries]);
        // Where dist/ is all that there is, Node is to know what its files are.
        await writeFile('dist/package.json', '{ "type": "module" }\n');
      },
    },
  ],
});
