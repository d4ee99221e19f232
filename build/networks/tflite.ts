import { FlatTable } from './flatbuffer.ts';
import type { WeightTensor } from './weights.ts';

/** `TensorType`: its default. */
const float32 = 0;

/**
 * The float32 constants of a TensorFlow Lite network by name, in TensorFlow's layout: filters, which
 * lie as [out, height, width, in] (depthwise ones as [1, height, width, channels]), have the first
 * axis last. Fields are those of `schema.fbs`
 * (https://github.com/google-ai-edge/LiteRT/blob/main/tflite/converter/schema/schema.fbs).
 *
 * @throws Error with what is wrong with the file.
 */
export function decodeTfliteWeights(file: Uint8Array): Map<string, WeightTensor> {
  const model = FlatTable.root(file, 'TFL3');
  const [graph] = model.tables(2);
  if (!graph) throw new Error('the network has no graph');
  const buffers = model.tables(4);
  const weights = new Map<string, WeightTensor>();
  for (const tensor of graph.tables(0)) {
    const bytes = buffers[tensor.integer(2)]?.bytes(0);
    if (!bytes || bytes.length === 0 || tensor.byte(1) !== float32) continue;
    const [name, shape] = [tensor.text(3), tensor.integers(0)];
    const count = shape.reduce((product, size) => product * size, 1);
    if (bytes.length !== 4 * count)
      throw new Error(`weights ${name}: ${bytes.length} bytes do not hold [${shape}]`);
    // A copy starts at a multiple of four.
    const data = new Float32Array(bytes.slice().buffer);
    weights.set(name, shape.length === 4 ? firstAxisLast(shape, data) : { shape, data });
  }
  return weights;
}

function firstAxisLast([first, ...others]: readonly number[], data: Float32Array): WeightTensor {
  const rows = first!;
  const length = data.length / rows;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let index = 0; index < length; index++) result[index * rows + row] = data[row * length + index]!;
  return { shape: [...others, rows], data: result };
}
