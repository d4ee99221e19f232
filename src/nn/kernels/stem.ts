import type { Rows, Size } from '../../image/geometry.ts';
import type { StemBand } from '../network.ts';
import { inputsOf, type Layer, type Layers } from './layers.ts';
import { layersFor } from './part.ts';
import { type MapShape, mapShapes, windowOf } from './shapes.ts';

/** A network that is cut at a map. */
export interface Cut {
  readonly map: string;
  /** The layers that make the map of an image, and those that make the outputs of the map. */
  readonly before: Layers;
  readonly behind: Layers;
  /** Rows of the image for one of the map. */
  readonly stride: number;
  /** Rows of the image that a row of the map sees beyond its own, above or below: the most of both. */
  readonly around: number;
}

/** Most rows that a band sees beyond its own. They are computed for the band beside it, too. */
const mostAround = 32;

/** Least rows of a band, in rows that it sees beyond them. */
const leastShare = 4;

/** Cuts a network at the last map that sees few rows around its own and is all that later layers are made of. */
export function cutOf(network: Layers): Cut | undefined {
  const { input, layers, outputs } = network;
  for (const { output: map } of layers.toReversed()) {
    const first = layersFor(network, [map]);
    const others = layers.filter((layer) => !first.includes(layer));
    const known = new Set([map, ...others.map(({ output }) => output)]);
    const read = [...others.flatMap(inputsOf), ...[...outputs.values()].flatMap(({ maps }) => maps)];
    if (others.length === 0 || !read.every((name) => known.has(name))) continue;
    const [top, next] = [0, 1].map((row) => rowsUnder(first, map, input.value, { from: row, end: row + 1 }));
    const stride = next!.from - top!.from;
    const around = Math.max(-top!.from, top!.end - stride);
    if (!(around <= mostAround)) continue;
    return {
      map,
      before: { ...network, layers: first, outputs: new Map() },
      behind: { ...network, input: { ...input, value: map }, layers: others },
      stride,
      around,
    };
  }
  return undefined;
}

/** See `Stem.bands`. */
export function bandsOf({ map, before, stride, around }: Cut, size: Size, wanted: number): StemBand[] {
  const { height } = size;
  const [, rows] = mapShapes(before, pictureShape(size)).get(map)!;
  const count = Math.min(wanted, Math.max(1, Math.floor(height / (leastShare * around))));
  const bound = (band: number) => Math.round((band * rows) / count);
  return Array.from({ length: count }, (_, band) => {
    const made = { from: bound(band), end: bound(band + 1) };
    const under = rowsUnder(before.layers, map, before.input.value, made);
    // Windows begin at the same rows in it as in the whole image.
    const from = Math.max(0, Math.floor(under.from / stride) * stride);
    return { rows: made, seen: { from, end: Math.min(height, under.end) } };
  });
}

export const pictureShape = ({ height, width }: Size): MapShape => [3, height, width];

/** The rows of an image that rows of a map are made of; those outside the image too. */
function rowsUnder(layers: readonly Layer[], map: string, image: string, rows: Rows): Rows {
  const needed = new Map([[map, rows]]);
  for (const layer of layers.toReversed()) {
    const made = needed.get(layer.output)!;
    for (const name of inputsOf(layer)) {
      const seen = name === ('input' in layer ? layer.input : undefined) ? rowsSeen(layer, made) : made;
      const other = needed.get(name) ?? seen;
      needed.set(name, { from: Math.min(seen.from, other.from), end: Math.max(seen.end, other.end) });
    }
  }
  return needed.get(image)!;
}

/** The rows of its input that a layer makes rows of. */
function rowsSeen(layer: Layer, { from, end }: Rows): Rows {
  if (layer.op !== 'conv' && layer.op !== 'pool') return { from, end };
  if (!layer.window) return { from: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };
  const { stride, pads } = layer;
  const first = from * stride[0] - pads.top;
  return { from: first, end: first + (end - 1 - from) * stride[0] + windowOf(layer)[0] };
}
