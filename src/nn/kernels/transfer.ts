import type { Plane } from '../../../wasm/plane.ts';
import type { Gate, Tensor } from '../network.ts';
import type { Readout } from './layers.ts';
import { type MapPlace, product } from './plan.ts';
import type { Storage } from './storage.ts';

/** A view of the kernels' memory in which a plane's values are items. */
function itemsOf(memory: ArrayBuffer, { format }: Plane): Float32Array | Int16Array {
  return format.name === 'f32' ? new Float32Array(memory) : new Int16Array(memory);
}

/** Values in a readout for one picture. */
export const readoutLength = ({ maps }: Readout, places: ReadonlyMap<string, MapPlace>): number =>
  maps.reduce((sum, name) => sum + product((places.get(name) as MapPlace).shape), 0);

/** Shape of a readout of a batch. */
export function readoutShape(
  { maps, shape, channelsLast }: Readout,
  places: ReadonlyMap<string, MapPlace>,
  batch: number,
  length: number,
): number[] {
  const [channels, height, width] = (places.get(maps[0] as string) as MapPlace).shape;
  if (!shape) return channelsLast ? [batch, height, width, channels] : [batch, channels, height, width];
  const known = product(shape.filter((size) => size >= 0));
  return [batch, ...shape.map((size) => (size < 0 ? length / known : size))];
}

/** Copies one picture's maps, one after the other, to `offset` of an output: what is behind a shut gate stays. */
export function readMaps(
  memory: ArrayBuffer,
  { maps, channelsLast, sigmoid }: Readout,
  places: ReadonlyMap<string, MapPlace>,
  storage: ReadonlyMap<string, Storage>,
  gates: ReadonlyMap<string, Gate>,
  output: Tensor['data'],
  offset: number,
): void {
  const start = offset;
  let end = offset;
  for (const name of maps) {
    const { shape, plane, address } = places.get(name) as MapPlace;
    const { unit } = storage.get(name) as Storage;
    const items = itemsOf(memory, plane);
    const { bytes } = plane.format;
    const [channels, height, width] = shape;
    const pixelStep = channelsLast ? channels : 1;
    const channelStep = channelsLast ? 1 : height * width;
    const gate = gates.get(name);
    const isOpen = gate ? openAt(memory, gate, places, storage) : () => true;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (!isOpen(y, x)) continue;
        const source = (address + y * plane.rowBytes + x * plane.pixelBytes) / bytes;
        const target = end + (y * width + x) * pixelStep;
        for (let channel = 0; channel < channels; channel++)
          output[target + channel * channelStep] = items[source + channel]! * unit;
      }
    }
    end += product(shape);
  }
  if (!sigmoid) return;
  for (let index = start; index < end; index++)
    output[index] = 1 / (1 + Math.exp(-(output[index] as number)));
}

/** Tells of a gate whether it is open at a row and column. */
function openAt(
  memory: ArrayBuffer,
  { by, least }: Gate,
  places: ReadonlyMap<string, MapPlace>,
  storage: ReadonlyMap<string, Storage>,
): (y: number, x: number) => boolean {
  const { plane, address } = places.get(by) as MapPlace;
  const { unit, channels } = storage.get(by) as Storage;
  const items = itemsOf(memory, plane);
  const { bytes } = plane.format;
  return (y, x) => {
    const first = (address + y * plane.rowBytes + x * plane.pixelBytes) / bytes;
    for (let index = first; index < first + channels; index++) if (items[index]! * unit >= least) return true;
    return false;
  };
}
