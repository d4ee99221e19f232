import { instructions } from '../../../wasm/formats.ts';
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
  const isa = instructions(level);
  return {
    description: `phiz kernels, WASM ${relaxed ? 'relaxed ' : ''}SIMD, 1 thread; else ${fallback.description}`,
    async load(model) {
      try {
        return createKernelNetwork(readOnnx(model), isa, isa.i16);
      } catch (error) {
        // What is no valid model either is for the fallback to say.
        if (error instanceof UnsupportedNetworkError || error instanceof RangeError)
          return fallback.load(model);
        throw error;
      }
    },
  };
}
