import { writeOnnx } from '../build/networks/onnx-writer.ts';
import { readOnnx } from '../src/nn/onnx-reader.ts';

/** The same ONNX model with float32 weights: native code would expand those in bytes in every forward pass. */
export function floatModel(model: Uint8Array): Uint8Array {
  const graph = readOnnx(model);
  const initializers = [...graph.initializers].map(
    ([name, { shape, data }]) => [name, { shape, data }] as const,
  );
  return writeOnnx({ ...graph, initializers: new Map(initializers) });
}
