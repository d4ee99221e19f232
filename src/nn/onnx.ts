import * as ort from 'onnxruntime-web/wasm';
import type { InferenceBackend } from './network.ts';
import { createSessionBackend } from './onnx-session.ts';

export interface OnnxBackendOptions {
  /** The bytes of onnxruntime-web's `ort-wasm-simd-threaded.wasm`. */
  readonly wasmBinary: Uint8Array;
  /** Threads of one forward pass, default 1. More than one needs shared memory. */
  readonly threads?: number;
}

/** Runs ONNX models on onnxruntime-web's WASM (SIMD) provider. */
export function createOnnxBackend({ wasmBinary, threads = 1 }: OnnxBackendOptions): InferenceBackend {
  return createSessionBackend(ort, { wasmBinary, threads, provider: 'wasm' });
}
