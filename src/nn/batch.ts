import type { ImageRows } from '../image/image-rows.ts';
import { type ImageInput, normalisedRows } from './image-input.ts';
import { type Images, tensorOf } from './images.ts';
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
  /** Writes an image: RGB of 0 to 255. A row holds anything at first. */
  fill(item: Item, rows: ImageRows): void;
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
  const imagesOf = (some: readonly Item[]): Images => ({
    shape: [some.length, ...(input.layout === 'NCHW' ? [3, height, width] : [height, width, 3])],
    layout: input.layout,
    write: (index, rows) => fill(some[index]!, normalisedRows(rows, input)),
  });
  return sharedPasses(network, {
    items,
    most,
    inputsOf: (some) => ({ [input.name]: tensorOf(imagesOf(some)) }),
    run: (some) => network.run({ [input.name]: imagesOf(some) }),
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
  fill: (item: Item, rows: ImageRows) => void,
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
