import type { Graph } from '../src/nn/graph.ts';
import { writeOnnx } from '../src/nn/onnx-writer.ts';
import { joinTfjsModel } from '../src/nn/tfjs-model.ts';
import type { Task } from '../src/pipeline/models.ts';
import { readWeights, type Weights } from './weights.ts';

/** Where a network comes from and what it computes; the recipe's docstring has the tensors in full. */
export interface Manifest {
  readonly id: string;
  readonly task: Task;
  /** For people. */
  readonly title: string;
  /** Which inference backend loads it: `onnx` takes NCHW, `tfjs` NHWC. */
  readonly format: 'onnx' | 'tfjs';
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
 * A pack whose weights are in face-api's format.
 *
 * @param weights name of the pair of assets, without the ending
 */
export function faceApiPack(manifest: Manifest, weights: string, recipe: (weights: Weights) => Graph): Pack {
  const assets = [`weights/${weights}.json`, `weights/${weights}.bin`] as const;
  return {
    ...manifest,
    assets,
    async build(readAsset) {
      const [description, binary] = await Promise.all([readAsset(assets[0]), readAsset(assets[1])]);
      return writeOnnx(recipe(readWeights(description, binary)));
    },
  };
}

/**
 * A pack whose network is a TensorFlow.js graph model as it is.
 *
 * @param model name of the pair of assets, without the ending
 */
export function tfjsPack(manifest: Manifest, model: string): Pack {
  const assets = [`weights/${model}.json`, `weights/${model}.bin`] as const;
  return {
    ...manifest,
    assets,
    async build(readAsset) {
      return joinTfjsModel(await readAsset(assets[0]), await readAsset(assets[1]));
    },
  };
}
