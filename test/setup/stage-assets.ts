import { stageAssets } from '../../scripts/stage-assets.ts';

/** Tests read weights and WASM binaries from where the product does. */
export default async function setup(): Promise<void> {
  await stageAssets();
}
