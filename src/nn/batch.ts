import { type ImageInput, normaliseImage } from './image-input.ts';
import { withInput } from './input-memory.ts';
import { itemsOf, type Tensors } from './items.ts';
import type { Network } from './network.ts';

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
 * One forward pass over images of a size.
 *
 * @param fill writes an image as RGB planes, 3 × height × width floats of 0 to 255; each of them, as the memory
 * holds an earlier input
 * @returns the outputs for each image, as those of a batch of one
 */
export async function passOver<Item>(
  network: Network,
  input: ImageInput,
  { width, height }: FixedImageInput['size'],
  items: readonly Item[],
  fill: (item: Item, planes: Float32Array) => void,
): Promise<Tensors[]> {
  const count = items.length;
  const length = 3 * width * height;
  const image = input.layout === 'NCHW' ? [3, height, width] : [height, width, 3];
  const outputs = await withInput(count * length, (data) => {
    items.forEach((item, index) => {
      const planes = data.subarray(index * length, (index + 1) * length);
      fill(item, planes);
      const values = normaliseImage(planes, input);
      if (values !== planes) planes.set(values);
    });
    return network.run({ [input.name]: { data, shape: [count, ...image] } });
  });
  return items.map((_, index) => itemsOf(outputs, index, index + 1, count));
}

/**
 * Runs a network with one input on any number of items, several at a time.
 *
 * @param fill see {@link passOver}
 * @param read takes the outputs of one item: for each output its row of values
 */
export async function runBatched<Item, Result>(
  network: Network,
  input: FixedImageInput,
  items: readonly Item[],
  fill: (item: Item, planes: Float32Array) => void,
  read: (outputs: Readonly<Record<string, Float32Array>>, item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += maxBatch) {
    const batch = items.slice(start, start + maxBatch);
    const outputs = await passOver(network, input, input.size, batch, fill);
    batch.forEach((item, index) => {
      const rows = Object.entries(outputs[index]!).map(([name, { data }]) => [name, data]);
      results.push(read(Object.fromEntries(rows), item));
    });
  }
  return results;
}
