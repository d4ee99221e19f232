import { readFile } from 'node:fs/promises';
import { sourcePath } from '../../build/fetch-weights.mjs';
import { recipes } from '../../build/networks/recipes.ts';
import type { InferenceBackend } from '../../src/nn/network.ts';
import { createOnnxBackend } from '../../src/nn/onnx.ts';

/** What the product's platform does: bytes of a staged asset. */
export function readAsset(name: string): Promise<Uint8Array> {
  return readFile(new URL(`../../dist/assets/${name}`, import.meta.url));
}

/** The files that a network that ships is made of: of TensorFlow.js the JSON and its binary. */
export async function recipeSources<Files = [description: Uint8Array, binary: Uint8Array]>(
  id: string,
): Promise<Files> {
  const files = recipes[id]!.sources.map((path) => readFile(sourcePath(path)));
  return (await Promise.all(files)) as Files;
}

export async function onnxBackend(): Promise<InferenceBackend> {
  return createOnnxBackend({ wasmBinary: await readAsset('wasm/onnxruntime.wasm') });
}
