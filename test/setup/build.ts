import { build } from 'rolldown';
import { stageAssets } from '../../scripts/stage-assets.ts';

/**
 * Threads run built programs, since the oldest Node that we support cannot run the sources; and
 * weights and WASM binaries are read from where the product has them.
 */
export default async function setup(): Promise<void> {
  await stageAssets();
  await build({
    input: 'test/pool/fake-worker.ts',
    platform: 'node',
    output: { dir: 'dist/test', format: 'esm' },
  });
}
