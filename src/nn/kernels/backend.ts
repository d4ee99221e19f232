import { assemble, f32x4, i32, v128 } from '../../../wasm/assembler.ts';
import { instructions } from '../../../wasm/formats.ts';
import type { Graph } from '../graph.ts';
import type { InferenceBackend } from '../network.ts';
import { readOnnx } from '../onnx-reader.ts';
import { lower, UnsupportedNetworkError } from './layers.ts';
import { createKernelNetwork } from './network.ts';

/**
 * Runs ONNX models on our own kernels, and on `fallback` those for which a kernel is missing or
 * does not pay. Maps with known limits are 16-bit integers, the others float32; relaxed SIMD's
 * fused multiply-add is used where the engine has it.
 */
export function createKernelBackend(fallback: InferenceBackend): InferenceBackend {
  const relaxed = hasRelaxedSimd();
  const isa = instructions(relaxed);
  return {
    description: `phiz kernels, WASM ${relaxed ? 'relaxed ' : ''}SIMD, 1 thread; else ${fallback.description}`,
    async load(model) {
      try {
        const graph = readOnnx(model);
        if (!relaxed && !hasDepthwise(graph)) return fallback.load(model);
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

/**
 * Without a fused multiply-add our dense float32 convolutions are slower than onnxruntime-web's
 * (0.83 to 0.91 times its speed on the embedding); networks with depthwise ones gain all the same.
 */
function hasDepthwise(graph: Graph): boolean {
  return lower(graph).layers.some((layer) => layer.op === 'conv' && layer.depthwise);
}

function hasRelaxedSimd(): boolean {
  const zero = v128.const(new Uint8Array(16));
  const body = () => v128.store(i32.const(0), f32x4.relaxedMadd(zero, zero, zero));
  return WebAssembly.validate(assemble([{ name: 'probe', parameters: 0, body }]));
}
