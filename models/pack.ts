import type { Graph } from '../src/nn/graph.ts';
import { writeOnnx } from '../src/nn/onnx-writer.ts';
import { joinTfjsModel } from '../src/nn/tfjs-model.ts';
import type { ModelFormat, Task } from '../src/pipeline/models.ts';
import { readGraphModelWeights, readWeights, type Weights } from './weights.ts';

/** Where a network comes from and what it computes; the recipe's docstring has the tensors in full. */
export interface Manifest {
  readonly id: string;
  readonly task: Task;
  /** For people. */
  readonly title: string;
  readonly format: ModelFormat;
  /** SPDX identifier, or `public domain`. */
  readonly licence: string;
  /** Where the weights were first published. */
  readonly source: string;
  /** Values, order and size of the input. */
  readonly input: string;
  /** Each output's meaning, by name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A network that ships with phiz: its weights are assets, its graph is a recipe. */
export interface Pack extends Manifest {
  /** Names in assets.ts of what {@link build} reads. */
  readonly assets: readonly string[];
  /**
   * The model file.
   *
   * @param readAsset answers the bytes of each of {@link assets}
   * @throws Error where the weights are not those of this network.
   */
  build(readAsset: (name: string) => Promise<Uint8Array>): Promise<Uint8Array>;
}

/**
 * A pack of a weights manifest (face-api's format) and a recipe.
 *
 * @param weights name of the pair of assets, without the ending
 */
export function weightsPack(manifest: Manifest, weights: string, recipe: (weights: Weights) => Graph): Pack {
  return packOf(manifest, weights, (description, binary) =>
    writeOnnx(recipe(readWeights(description, binary))),
  );
}

/** A pack of a TensorFlow.js graph model's weights and a recipe that writes its graph anew. */
export function graphModelPack(manifest: Manifest, model: string, recipe: (weights: Weights) => Graph): Pack {
  return packOf(manifest, model, (description, binary) =>
    writeOnnx(recipe(readGraphModelWeights(description, binary))),
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
    ...manifest,
    assets,
    async build(readAsset) {
      const [description, binary] = await Promise.all([readAsset(assets[0]), readAsset(assets[1])]);
      return join(description, binary);
    },
  };
}
