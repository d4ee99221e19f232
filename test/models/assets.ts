import { readFile } from 'node:fs/promises';
import { recipes } from '../../models/recipes.ts';
import { sourcePath } from '../../scripts/fetch-weights.mjs';
import type { InferenceBackend } from '../../src/nn/network.ts';
import { createOnnxBackend } from '../../src/nn/onnx.ts';

/** What the product's platform does: bytes of a staged asset. */
export function readAsset(name: string): Promise<Uint8Array> {
  return readFile(new URL(`../../dist/assets/${name}`, import.meta.url));
}

/** The files that a network that ships is made of: the JSON and the binary that it describes. */
export async function recipeSources(id: string): Promise<[description: Uint8Array, binary: Uint8Array]> {
  const { sources } = recipes[id]!;
  return [await readFile(sourcePath(sources[0])), await readFile(sourcePath(sources[1]))];
}

export async function onnxBackend(): Promise<InferenceBackend> {
  return createOnnxBackend({ wasmBinary: await readAsset('wasm/onnxruntime.wasm') });
}
