import { concatenated } from '../bytes.ts';
import { joinTfjsModel } from '../nn/tfjs-model.ts';
import type { Manifest } from './manifest.ts';

/** A network that can be loaded: its manifest, and how its assets become a model file. */
export interface Pack {
  readonly manifest: Manifest;
  /** Names of the assets (see `Platform.readAsset`) that {@link build} reads. */
  readonly assets: readonly string[];
  /**
   * The bytes of the model, as the backend of its format loads them.
   *
   * @param readAsset answers the bytes of each of {@link assets}
   */
  build(readAsset: (name: string) => Promise<Uint8Array>): Promise<Uint8Array>;
}

/** The asset that a file of a network is. */
export function networkAsset(id: string, file: string): string {
  return `networks/${id}/${file}`;
}

/** A pack of the model file that the build makes of a network that ships. */
export function builtPack(manifest: Manifest): Pack {
  const asset = networkAsset(manifest.id, `model.${manifest.format}`);
  return { manifest, assets: [asset], build: (readAsset) => readAsset(asset) };
}

/** A pack of the files that a manifest names: one for ONNX; the JSON and its weights for TensorFlow.js. */
export function filePack(manifest: Manifest): Pack {
  const assets = manifest.files.map(({ name }) => networkAsset(manifest.id, name));
  return {
    manifest,
    assets,
    async build(readAsset) {
      const [first, ...others] = await Promise.all(assets.map(readAsset));
      return manifest.format === 'tfjs' ? joinTfjsModel(first!, concatenated(others)) : first!;
    },
  };
}
