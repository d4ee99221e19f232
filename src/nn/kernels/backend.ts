import { instructions } from '../../../wasm/formats.ts';
import type { Graph, GraphNode } from '../graph.ts';
import type { InferenceBackend } from '../network.ts';
import { readOnnx } from '../onnx-reader.ts';
import { UnsupportedNetworkError } from './layers.ts';
import { KernelMemory } from './memory.ts';
import { createKernelNetwork } from './network.ts';
import { simdLevel } from './simd.ts';

/**
 * Runs ONNX models on our own kernels, and on `fallback` those for which a kernel is missing. Maps
 * of known range are stored as 16-bit integers, the others as float32.
 */
export function createKernelBackend(fallback: InferenceBackend): InferenceBackend {
  const fastest = instructions(simdLevel());
  // Sums that differ in their last bit round to different integers, and the difference grows from
  // map to map: a hundredth of a pixel in a box, tenths of a year in an age. Plain multiplication and
  // addition are the same everywhere, so that runtimes agree; the detector is 2% slower for it.
  const reproducible = instructions('plain');
  const memory = new KernelMemory();
  return {
    async load(model) {
      try {
        const graph = readOnnx(model);
        const isa = mustBeReproducible(graph) ? reproducible : fastest;
        return createKernelNetwork(graph, isa, isa.i16, memory);
      } catch (error) {
        // An invalid model is for the fallback to report.
        if (error instanceof UnsupportedNetworkError || error instanceof RangeError)
          return fallback.load(model);
        throw error;
      }
    },
  };
}

/**
 * True where a last bit decides: integer maps (their limits were measured, or an activation sets them)
 * round it up, and what a light detector of depthwise convolutions finds says where others look.
 */
function mustBeReproducible({ ranges, nodes }: Graph): boolean {
  const isDepthwise = ({ attributes: { group } }: GraphNode) => typeof group === 'number' && group > 1;
  return ranges !== undefined || nodes.some((node) => node.op === 'Clip' || isDepthwise(node));
}
