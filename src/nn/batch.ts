import { type Drawing, draw } from '../image/drawing.ts';
import type { Size } from '../image/geometry.ts';
import type { ImageInput } from './image-input.ts';
import type { Images } from './images.ts';
import { itemsOf, type Tensors } from './items.ts';
import type { Network } from './network.ts';
import { lookTogether, type Share, type SharedImages, takeShares } from './shared-pass.ts';

/** Most items in one forward pass: beyond this a larger batch costs memory and gains no speed. */
const maxBatch = 16;

/** The input of a network that takes images of one size. */
export interface FixedImageInput extends ImageInput {
  readonly size: Size;
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
  drawingOf(item: Item): Drawing;
  /** @param outputs for one image, as those of a batch of one */
  read(outputs: Tensors, item: Item): Result;
  /** Something else to do while helpers begin, at each round; without it, a single image is not given away. */
  readonly meanwhile?: (() => Promise<void>) | undefined;
}

/** Runs a network with one input on any number of images of a size, several at a time. */
export async function passOver<Item, Result>(
  network: Network,
  input: ImageInput,
  size: Size,
  items: readonly Item[],
  { most, drawingOf, read, meanwhile }: Passes<Item, Result>,
): Promise<Result[]> {
  const look = (drawings: readonly Drawing[]) => lookAtDrawings(network, input, size, drawings);
  const results: Result[] = [];
  while (results.length < items.length) {
    const idle = network.helpers?.idle ?? 0;
    const round = items.slice(results.length, results.length + most * (1 + idle));
    const drawings = round.map(drawingOf);
    const isShared = idle > 0 && (round.length > 1 || meanwhile);
    const shares = isShared
      ? await lookTogether(network.helpers!, drawings, size, most, look, meanwhile)
      : [{ from: 0, count: round.length, outputs: await look(drawings) }];
    for (const { from, count, outputs } of shares)
      for (let index = 0; index < count; index++)
        results.push(read(itemsOf(outputs, index, index + 1, count), round[from + index]!));
  }
  return results;
}

/** A helper's part of {@link passOver}. */
export const helpWith = (network: Network, input: ImageInput, images: SharedImages): Promise<Share[]> =>
  takeShares(images, (drawings) => lookAtDrawings(network, input, images.size, drawings));

/** One forward pass. */
function lookAtDrawings(
  network: Network,
  input: ImageInput,
  { width, height }: Size,
  drawings: readonly Drawing[],
): Promise<Tensors> {
  const images: Images = {
    shape: [drawings.length, ...(input.layout === 'NCHW' ? [3, height, width] : [height, width, 3])],
    layout: input.layout,
    values: input,
    draw: (index, canvas) => draw(drawings[index]!, canvas),
  };
  return network.run({ [input.name]: images });
}

/**
 * Runs a network with one input on any number of items, several at a time.
 *
 * @param read takes the outputs of one item: for each output its row of values
 */
export function runBatched<Item, Result>(
  network: Network,
  input: FixedImageInput,
  items: readonly Item[],
  drawingOf: (item: Item) => Drawing,
  read: (outputs: Readonly<Record<string, Float32Array>>, item: Item) => Result,
): Promise<Result[]> {
  const rowsOf = (outputs: Tensors) =>
    Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
  return passOver(network, input, input.size, items, {
    most: maxBatch,
    drawingOf,
    read: (outputs, item) => read(rowsOf(outputs), item),
  });
}
