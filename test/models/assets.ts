import { readFile } from 'node:fs/promises';
import type { InferenceBackend } from '../../src/nn/network.ts';
import { createOnnxBackend } from '../../src/nn/onnx.ts';

/** What the product's platform does: bytes of a staged asset. */
export function readAsset(name: string): Promise<Uint8Array> {
  return readFile(new URL(`../../dist/assets/${name}`, import.meta.url));
}

export async function onnxBackend(): Promise<InferenceBackend> {
  return createOnnxBackend({ wasmBinary: await readAsset('wasm/onnxruntime.wasm') });
}
