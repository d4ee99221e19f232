import { assemble, f32x4, i32, v128 } from '../../../wasm/assembler.ts';
import { instructions } from '../../../wasm/formats.ts';
import type { InferenceBackend } from '../network.ts';
import { readOnnx } from '../onnx-reader.ts';
import { UnsupportedNetworkError } from './layers.ts';
import { createKernelNetwork } from './network.ts';

/**
 * Runs ONNX models on our own kernels, and on `fallback` those for which a kernel is missing.
 * Maps with known limits are 16-bit integers, the others float32; relaxed SIMD's fused
 * multiply-add is used where the engine has it.
 */
export function createKernelBackend(fallback: InferenceBackend): InferenceBackend {
  const relaxed = hasRelaxedSimd();
  const isa = instructions(relaxed);
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

function hasRelaxedSimd(): boolean {
  const zero = v128.const(new Uint8Array(16));
  const body = () => v128.store(i32.const(0), f32x4.relaxedMadd(zero, zero, zero));
  return WebAssembly.validate(assemble([{ name: 'probe', parameters: 0, body }]));
}
