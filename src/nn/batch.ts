import { type ImageInput, normaliseImage } from './image-input.ts';
import { withInput } from './input-memory.ts';
import type { Network, Tensor } from './network.ts';

/** Most items in one forward pass: beyond this a larger batch costs memory and gains no speed. */
const maxBatch = 16;

/** The input of a network that takes images of one size. */
export interface FixedImageInput extends ImageInput {
  readonly size: { readonly width: number; readonly height: number };
}

/** A network that takes images of one size, and what has to be known to run it. */
export interface ImageNetwork {
  readonly network: Network;
  readonly input: FixedImageInput;
}

/**
 * Runs a network with one input on any number of items, several at a time.
 *
 * @param fill writes item `item` as RGB planes (3 × height × width floats, 0 to 255) at `offset` of `data`
 * @param read takes the outputs of one item: for each output its row of values
 */
export async function runBatched<Item, Result>(
  network: Network,
  input: FixedImageInput,
  items: readonly Item[],
  fill: (item: Item, data: Float32Array, offset: number) => void,
  read: (outputs: Readonly<Record<string, Float32Array>>, item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  const { width, height } = input.size;
  const stride = 3 * width * height;
  for (let start = 0; start < items.length; start += maxBatch) {
    const batch = items.slice(start, start + maxBatch);
    const outputs = await withInput(batch.length * stride, (data) => {
      batch.forEach((item, index) => {
        fill(item, data, index * stride);
        const planes = data.subarray(index * stride, (index + 1) * stride);
        const values = normaliseImage(planes, input);
        if (values !== planes) planes.set(values);
      });
      return network.run({ [input.name]: { data, shape: shapeOf(batch.length, input) } });
    });
    batch.forEach((item, index) => {
      const rows = Object.entries(outputs).map(([name, tensor]) => [name, row(tensor, index, batch.length)]);
      results.push(read(Object.fromEntries(rows), item));
    });
  }
  return results;
}

function shapeOf(count: number, { layout, size: { width, height } }: FixedImageInput): number[] {
  return layout === 'NCHW' ? [count, 3, height, width] : [count, height, width, 3];
}

/** Row `index` of a tensor with `count` of them. */
function row({ data }: Tensor, index: number, count: number): Float32Array {
  const length = data.length / count;
  return data.subarray(index * length, (index + 1) * length);
}
