import { canvasAround } from '../image/canvas.ts';
import { type Drawing, draw, mirrorsOneBefore } from '../image/drawing.ts';
import { area, type Size, wholeOf } from '../image/geometry.ts';
import type { ImageInput } from './image-input.ts';
import type { Images } from './images.ts';
import { itemsOf, type Tensors } from './items.ts';
import type { Network, Stem } from './network.ts';
import {
  lookInBands,
  lookTogether,
  type Share,
  type SharedItem,
  type SharedItems,
  takeShares,
} from './shared-pass.ts';

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
  passes: Passes<Item, Result>,
): Promise<Result[]> {
  const { most, meanwhile } = passes;
  const look = (some: readonly SharedItem[]) => lookAtItems(network, input, size, some);
  const results: Result[] = [];
  while (results.length < items.length) {
    const idle = network.helpers?.idle ?? 0;
    const count = idle > 0 ? most * (1 + idle) : Math.min(most, mostAlone(network, size));
    const round = items.slice(results.length, results.length + count);
    const drawings = round.map((item) => passes.drawingOf(item));
    const isShared = idle > 0 && (round.length > 1 || meanwhile);
    const stem = idle > 0 && round.length === 1 ? stemFor(network, size) : undefined;
    const shares = stem
      ? await lookInBands(network.helpers!, stem, drawings[0]!, size, look, meanwhile)
      : isShared
        ? await lookTogether(network.helpers!, drawings, size, most, look, meanwhile)
        : [{ from: 0, count: round.length, outputs: await look(drawings) }];
    for (const { from, count, outputs } of shares)
      for (let index = 0; index < count; index++)
        results.push(passes.read(itemsOf(outputs, index, index + 1, count), round[from + index]!));
  }
  return results;
}

/** Pixels of images after which an instance that works alone looks whether another one could help by now. */
const pixelsAlone = 2 ** 15;

/** Even: an image and its mirror image come together. */
const mostAlone = ({ helpers }: Network, size: Size): number =>
  helpers ? 2 * Math.max(1, Math.floor(pixelsAlone / 2 / area(wholeOf(size)))) : Number.POSITIVE_INFINITY;

/** Pixels of an image from which on bands of it are worth the messages between instances. */
const leastPixels = 512 ** 2;

/** The stem of a network, if an image of a size is to be computed in bands. */
function stemFor(network: Network, size: Size): Stem | undefined {
  if (area(wholeOf(size)) < leastPixels) return undefined;
  const stem = network.stem?.();
  return stem && stem.bands(size, 2).length > 1 ? stem : undefined;
}

/** A helper's part of {@link passOver}. */
export const helpWith = (network: Network, input: ImageInput, shared: SharedItems): Promise<Share[]> =>
  takeShares(shared, (items) => lookAtItems(network, input, shared.size, items));

/** One forward pass, or a step of one. */
async function lookAtItems(
  network: Network,
  input: ImageInput,
  size: Size,
  items: readonly SharedItem[],
): Promise<Tensors> {
  const [first] = items;
  if (first && 'map' in first) {
    const stem = network.stem!()!;
    if (!('band' in first)) return stem.finish(size, first.map);
    const { band, drawing, map, left } = first;
    const { seen } = band;
    const image = imagesOf(input, 1, { width: size.width, height: seen.end - seen.from }, (_, canvas) =>
      draw(drawing, canvasAround(canvas, seen, size.height)),
    );
    await stem.make(band, image, map);
    const isLast = left && Atomics.sub(left, 0, 1) === 1;
    return isLast ? stem.finish(size, map) : {};
  }
  const drawings = items as readonly Drawing[];
  const drawOne: Images['draw'] = (index, canvas) => draw(drawings[index]!, canvas);
  const mirrors = (index: number) => mirrorsOneBefore(drawings, index);
  return network.run({ [input.name]: imagesOf(input, items.length, size, drawOne, mirrors) });
}

const imagesOf = (
  input: ImageInput,
  count: number,
  { width, height }: Size,
  drawOne: Images['draw'],
  mirrors?: Images['mirrors'],
): Images => ({
  shape: [count, ...(input.layout === 'NCHW' ? [3, height, width] : [height, width, 3])],
  layout: input.layout,
  values: input,
  draw: drawOne,
  mirrors,
});

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
  return passOver(network, input, input.size, items, {
    most: maxBatch,
    drawingOf,
    read: (outputs, item) => read(rowsOf(outputs), item),
  });
}

/** The values of one item's outputs, by their names. */
function rowsOf(outputs: Tensors): Record<string, Float32Array> {
  const rows: Record<string, Float32Array> = {};
  for (const name in outputs) rows[name] = outputs[name]!.data;
  return rows;
}
