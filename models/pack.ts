import type { Graph } from '../src/nn/graph.ts';
import { writeOnnx } from '../src/nn/onnx-writer.ts';
import { joinTfjsModel } from '../src/nn/tfjs-model.ts';
import type { Manifest } from '../src/pipeline/manifest.ts';
import { type RangesFile, rangesOf } from './quantize/ranges.ts';
import { readGraphModelWeights, readWeights, type Weights } from './weights.ts';

/** A network that can be built: its manifest, and how its assets become a model file. */
export interface Pack {
  readonly manifest: Manifest;
  /** Names of the assets (see `Platform.readAsset`) that {@link build} reads. */
  readonly assets: readonly string[];
  /**
   * The bytes of the model, as the backend of its format loads them.
   *
   * @param readAsset answers the bytes of each of {@link assets}
   * @throws Error where they are not those of this network.
   */
  build(readAsset: (name: string) => Promise<Uint8Array>): Promise<Uint8Array>;
}

/** The asset that a file of a network is, which does not ship with phiz. */
export function networkAsset(id: string, file: string): string {
  return `networks/${id}/${file}`;
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

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * A pack of a weights manifest (face-api's format) and a recipe.
 *
 * @param weights name of the pair of assets, without the ending
 * @param ranges what `npm run quantize` wrote
 */
export function weightsPack(
  manifest: Manifest,
  weights: string,
  recipe: (weights: Weights) => Graph,
  ranges: RangesFile,
): Pack {
  return packOf(manifest, weights, (description, binary) =>
    writeOnnx({ ...recipe(readWeights(description, binary)), ranges: rangesOf(ranges) }),
  );
}

/** A pack of a TensorFlow.js graph model's weights and a recipe that writes its graph anew. */
export function graphModelPack(
  manifest: Manifest,
  model: string,
  recipe: (weights: Weights) => Graph,
  ranges?: RangesFile,
): Pack {
  return packOf(manifest, model, (description, binary) =>
    writeOnnx({
      ...recipe(readGraphModelWeights(description, binary)),
      ...(ranges && { ranges: rangesOf(ranges) }),
    }),
  );
}

/** A pack of a TensorFlow.js graph model as it is. */
export function tfjsPack(manifest: Manifest, model: string): Pack {
  return packOf(manifest, model, joinTfjsModel);
}

function packOf(
  manifest: Manifest,
  name: string,
  join: (description: Uint8Array, binary: Uint8Array) => Uint8Array,
): Pack {
  const assets = [`weights/${name}.json`, `weights/${name}.bin`] as const;
  return {
    manifest,
    assets,
    async build(readAsset) {
      const [description, binary] = await Promise.all([readAsset(assets[0]), readAsset(assets[1])]);
      return join(description, binary);
    },
  };
}
