import { instructions } from '../../../wasm/formats.ts';
import type { Graph } from '../graph.ts';
import type { InferenceBackend } from '../network.ts';
import { readOnnx } from '../onnx-reader.ts';
import { UnsupportedNetworkError } from './layers.ts';
import { createKernelNetwork } from './network.ts';
import { simdLevel } from './simd.ts';

/**
 * Runs ONNX models on our own kernels, and on `fallback` those for which a kernel is missing.
 * Maps with known limits are 16-bit integers, the others float32; relaxed SIMD's
 * fused multiply-add is used where the engine has it.
 */
export function createKernelBackend(fallback: InferenceBackend): InferenceBackend {
  const level = simdLevel();
  const relaxed = level !== 'plain';
  const fastest = instructions(level);
  // Sums that differ in their last bit round to different integers, and the difference grows from
  // map to map: a hundredth of a pixel in a box, tenths of a year in an age. Plain multiplication and
  // addition are the same everywhere, so that runtimes agree; the detector is 2% slower for it.
  const reproducible = { ...fastest, ...instructions('plain') };
  return {
    description: `phiz kernels, WASM ${relaxed ? 'relaxed ' : ''}SIMD, 1 thread; else ${fallback.description}`,
    async load(model) {
      try {
        const graph = readOnnx(model);
        const isa = hasIntegerMaps(graph) ? reproducible : fastest;
        return createKernelNetwork(graph, isa, isa.i16);
      } catch (error) {
        // What is no valid model either is for the fallback to say.
        if (error instanceof UnsupportedNetworkError || error instanceof RangeError)
          return fallback.load(model);
        throw error;
      }
    },
  };
}

/** Whether some maps are stored as integers: their limits were measured, or an activation sets them. */
function hasIntegerMaps({ ranges, nodes }: Graph): boolean {
  return ranges !== undefined || nodes.some(({ op }) => op === 'Clip');
}
