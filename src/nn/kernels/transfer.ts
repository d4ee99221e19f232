import type { Gate, Tensor } from '../network.ts';
import type { MapPlace } from './layer-calls.ts';
import type { Readout } from './layers.ts';
import { product } from './shapes.ts';
import type { Storage } from './storage.ts';

/** The places of maps in memory, and how their values are stored there. */
interface MapsInMemory {
  readonly memory: ArrayBuffer;
  readonly places: ReadonlyMap<string, MapPlace>;
  readonly storage: ReadonlyMap<string, Storage>;
}

/** A tensor for what a readout tells of a batch, all zeros. */
export function tensorFor(readout: Readout, places: MapsInMemory['places'], batch: number): Tensor {
  const { maps, shape, channelsLast } = readout;
  const length = maps.reduce((sum, name) => sum + product(places.get(name)!.shape), 0);
  const data = new Float32Array(batch * length);
  if (shape) return { data, shape: [batch, ...completed(shape, length)] };
  const [channels, height, width] = places.get(maps[0]!)!.shape;
  return { data, shape: channelsLast ? [batch, height, width, channels] : [batch, channels, height, width] };
}

/** A row of a map as it is stored, without what lies around it. */
export function storedRow(memory: ArrayBuffer, { plane, address }: MapPlace, row: number): Uint8Array {
  return new Uint8Array(memory, address + row * plane.rowBytes, plane.width * plane.pixelBytes);
}

/** A shape whose -1, if any, becomes what remains of so many values. */
function completed(shape: readonly number[], length: number): number[] {
  const known = product(shape.filter((size) => size >= 0));
  return shape.map((size) => (size < 0 ? length / known : size));
}

/** Copies one picture's maps, one after the other, to `offset` of an output. */
export function readMaps(from: MapsInMemory, readout: Readout, output: Float32Array, offset: number): void {
  const { maps, channelsLast, sigmoid } = readout;
  let end = offset;
  for (const name of maps) {
    const { values, unit, first, rowStep, cellStep, channels, height, width } = mapIn(from, name);
    const [step, channelStep] = channelsLast ? [channels, 1] : [1, height * width];
    let target = end;
    for (let y = 0; y < height; y++) {
      let source = first + y * rowStep;
      for (let x = 0; x < width; x++) {
        for (let channel = 0; channel < channels; channel++)
          output[target + channel * channelStep] = values[source + channel]! * unit;
        source += cellStep;
        target += step;
      }
    }
    end += channels * height * width;
  }
  if (sigmoid) squash(output.subarray(offset, end));
}

/** The cells of one picture's map at which a gate is open, row by row. */
export function openCells(from: MapsInMemory, { by, least }: Gate): Int32Array {
  const { values, unit, first, rowStep, cellStep, channels, height, width } = mapIn(from, by);
  const open: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = first + y * rowStep + x * cellStep;
      for (let channel = 0; channel < channels; channel++) {
        if (!(values[source + channel]! * unit >= least)) continue;
        open.push(y * width + x);
        break;
      }
    }
  }
  return Int32Array.from(open);
}

/** What one picture's map tells of some cells. The readout is one of rows. */
export function readCells(from: MapsInMemory, readout: Readout, cells: Int32Array): Tensor {
  const { maps, shape, sigmoid } = readout;
  const { values, unit, first, rowStep, cellStep, channels, width } = mapIn(from, maps[0]!);
  const data = new Float32Array(cells.length * channels);
  let target = 0;
  for (const cell of cells) {
    const x = cell % width;
    const source = first + ((cell - x) / width) * rowStep + x * cellStep;
    for (let channel = 0; channel < channels; channel++) data[target++] = values[source + channel]! * unit;
  }
  if (sigmoid) squash(data);
  return { data, shape: [1, ...completed(shape!, data.length)], cells };
}

/** A map's values as they are stored, and where those of a cell are. */
function mapIn({ memory, places, storage }: MapsInMemory, name: string) {
  const { shape, plane, address } = places.get(name)!;
  const [channels, height, width] = shape;
  const { bytes } = plane.format;
  return {
    values: plane.format.name === 'f32' ? new Float32Array(memory) : new Int16Array(memory),
    unit: storage.get(name)!.unit,
    first: address / bytes,
    rowStep: plane.rowBytes / bytes,
    cellStep: plane.pixelBytes / bytes,
    channels,
    height,
    width,
  };
}

/** Makes logits probabilities. */
function squash(logits: Float32Array): void {
  for (let index = 0; index < logits.length; index++) logits[index] = 1 / (1 + Math.exp(-logits[index]!));
}
