import { type ImageInput, normaliseImage } from './image-input.ts';
import { withInput } from './input-memory.ts';
import type { Tensors } from './items.ts';
import type { Network } from './network.ts';
import { sharedPasses } from './shared-pass.ts';

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

/** The way in which images go through a network. */
export interface Passes<Item, Result> {
  /** Most images in one forward pass. */
  readonly most: number;
  /**
   * Writes an image as RGB planes, 3 × height × width floats of 0 to 255; each of them, as the memory holds an
   * earlier input.
   */
  fill(item: Item, planes: Float32Array): void;
  /** @param outputs for one image, as those of a batch of one */
  read(outputs: Tensors, item: Item): Result;
  /** See {@link Batch.meanwhile}. */
  readonly meanwhile?: (() => Promise<void>) | undefined;
}

/** Runs a network with one input on any number of images of a size, several at a time. */
export function passOver<Item, Result>(
  network: Network,
  input: ImageInput,
  { width, height }: FixedImageInput['size'],
  items: readonly Item[],
  { most, fill, read, meanwhile }: Passes<Item, Result>,
): Promise<Result[]> {
  const length = 3 * width * height;
  const image = input.layout === 'NCHW' ? [3, height, width] : [height, width, 3];
  const filled = (some: readonly Item[], data: Float32Array): Tensors => {
    some.forEach((item, index) => {
      const planes = data.subarray(index * length, (index + 1) * length);
      fill(item, planes);
      const values = normaliseImage(planes, input);
      if (values !== planes) planes.set(values);
    });
    return { [input.name]: { data, shape: [some.length, ...image] } };
  };
  return sharedPasses(network, {
    items,
    most,
    inputsOf: (some) => filled(some, new Float32Array(some.length * length)),
    run: (some) => withInput(some.length * length, (data) => network.run(filled(some, data))),
    read,
    meanwhile,
  });
}

/**
 * Runs a network with one input on any number of items, several at a time.
 *
 * @param fill see {@link Passes}
 * @param read takes the outputs of one item: for each output its row of values
 */
export function runBatched<Item, Result>(
  network: Network,
  input: FixedImageInput,
  items: readonly Item[],
  fill: (item: Item, planes: Float32Array) => void,
  read: (outputs: Readonly<Record<string, Float32Array>>, item: Item) => Result,
): Promise<Result[]> {
  const rowsOf = (outputs: Tensors) =>
    Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
  return passOver(network, input, input.size, items, {
    most: maxBatch,
    fill,
    read: (outputs, item) => read(rowsOf(outputs), item),
  });
}
