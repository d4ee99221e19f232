import type { Network, Tensor } from './network.ts';

/** Most items in one forward pass: beyond this a larger batch costs memory and gains no speed. */
const maxBatch = 16;

/** A square RGB input, planar (NCHW). */
export interface InputShape {
  /** Name of the network's input. */
  readonly name: string;
  readonly size: number;
}

/**
 * Runs a network with one input on any number of items, several at a time.
 *
 * @param fill writes item `item` as 3 × size × size floats at `offset` of `data`
 * @param read takes the outputs of one item: for each output its row of values
 */
export async function runBatched<Item, Result>(
  network: Network,
  input: InputShape,
  items: readonly Item[],
  fill: (item: Item, data: Float32Array, offset: number) => void,
  read: (outputs: Readonly<Record<string, Float32Array>>, item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  const stride = 3 * input.size * input.size;
  for (let start = 0; start < items.length; start += maxBatch) {
    const batch = items.slice(start, start + maxBatch);
    const data = new Float32Array(batch.length * stride);
    batch.forEach((item, index) => {
      fill(item, data, index * stride);
    });
    const outputs = await network.run({
      [input.name]: { data, shape: [batch.length, 3, input.size, input.size] },
    });
    batch.forEach((item, index) => {
      const rows = Object.entries(outputs).map(([name, tensor]) => [name, row(tensor, index)]);
      results.push(read(Object.fromEntries(rows), item));
    });
  }
  return results;
}

/** Row `index` of a tensor along its first dimension. */
function row(tensor: Tensor, index: number): Float32Array {
  const length = tensor.data.length / (tensor.shape[0] as number);
  return tensor.data.subarray(index * length, (index + 1) * length);
}
