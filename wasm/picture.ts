import {
  advance,
  type Code,
  countDown,
  doWhile,
  f32x4,
  f64x2,
  i8x16,
  i16x8,
  i32,
  i32x4,
  ifElse,
  increment,
  v128,
  type WasmFunction,
  wasmFunction,
} from './assembler.ts';
import type { ValueLimits } from './formats.ts';
import { float32s } from './lanes.ts';
import { type Plane, planeKey } from './plane.ts';

export interface PictureShape extends ValueLimits {
  /** Channels of the picture; those that the output has beyond them become 0. */
  readonly channels: number;
  /** A value v of a channel is taken for (v - mean) · scale, rounded to float32. */
  readonly means: readonly number[];
  readonly scales: readonly number[];
  readonly output: Plane;
  /** Added to the values of each channel. */
  readonly offsets: readonly number[];
  /** The value that a stored 1 stands for. */
  readonly unit: number;
}

/** How values of a picture are stored. */
const sources = {
  bytes: {
    size: 1,
    load: (address: Code, offset: number): Code =>
      f32x4.convertI32x4S(i32x4.extendLowI16x8S(v128.load8x8U(address, offset))),
  },
  floats: { size: 4, load: v128.load },
} as const;

/**
 * Turns rows of a picture into those of a map; of both, channels are innermost. Up to 12 bytes behind the
 * values are read.
 *
 * Parameters: addresses of the values and of the map's first row; pixels of a row and number of rows, at
 * least 1; bytes from a row of values to the next, and from one of the map.
 */
export function pictureRows(shape: PictureShape, from: keyof typeof sources): WasmFunction {
  const { channels, means, scales, output, offsets, unit, low, high } = shape;
  const { format, pixelBytes } = output;
  const { size, load } = sources[from];
  const isDense = channels === output.channels;
  /** Pixels at once: the fewest that fill vectors. */
  const tile = isDense ? 8 / Math.min(8, channels & -channels) : 1;
  const perVector = 16 / format.bytes;
  const isAsWanted = means.every((mean) => mean === 0) && scales.every((scale) => scale === 1);
  return wasmFunction(
    `pictureRows of ${channels} ${from} - ${means} · ${scales} + ${offsets} / ${unit} -> ${planeKey(output)} [${low}, ${high}]`,
    ['values', 'map', 'columns', 'rows', 'valuesRowBytes', 'mapRowBytes'],
    (f, { values, map, columns, rows, valuesRowBytes, mapRowBytes }) => {
      const lines = from === 'bytes' && isDense && format.name === 'i16' ? linesThrough(shape) : undefined;
      const source = f.i32();
      const target = f.i32();
      const left = f.i32();
      const read = f.v128();
      const packed = f.v128();
      const ofLanes = (first: number, perChannel: readonly number[], count: number): number[] =>
        Array.from({ length: count }, (_, lane) => perChannel[(first + lane) % channels]!);
      /** Two of the values that the network wants. */
      const two = (first: number, values: Code): Code => {
        const centres = Float64Array.from(ofLanes(first, means, 2));
        const factors = Float64Array.from(ofLanes(first, scales, 2));
        const centred = f64x2.sub(f64x2.promoteLowF32x4(values), v128.const(centres));
        return f64x2.demoteF64x2Zero(f64x2.mul(centred, v128.const(factors)));
      };
      /** Four values as the map has them. */
      const four = (first: number): Code => {
        const loaded = load(source.get, size * first);
        const wanted = isAsWanted
          ? loaded
          : [
              read.set(loaded),
              lowHalves(two(first, read.get), two(first + 2, i8x16.shuffle(read.get, read.get, highHalf))),
            ];
        const added = ofLanes(first, offsets, 4);
        const moved = added.some((offset) => offset !== 0)
          ? f32x4.add(wanted, v128.const(Float32Array.from(added)))
          : wanted;
        return f32x4.mul(moved, float32s(1 / unit));
      };
      /** As many values as a vector holds, as they are stored. */
      const vector = (first: number): Code => {
        if (!lines)
          return format.pack(
            Array.from({ length: perVector / 4 }, (_, index) => four(first + 4 * index)),
            { low, high },
          );
        const [factors, parts, shifts] = (['factor', 'part', 'shift'] as const).map((key) => {
          const numbers = lines.map((line) => line[key]);
          return v128.const(Int16Array.from(ofLanes(first, numbers, 8)));
        }) as [Code, Code, Code];
        return [
          read.set(i16x8.add(i16x8.shl(v128.load8x8U(source.get, first), i32.const(1)), shifts)),
          i16x8.add(i16x8.mul(read.get, factors), i16x8.q15mulrSatS(read.get, parts)),
        ];
      };
      const inTiles = Array.from({ length: (tile * channels) / perVector }, (_, index) =>
        v128.store(target.get, vector(perVector * index), 16 * index),
      );
      const inPixels = Array.from({ length: Math.ceil(output.channels / perVector) }, (_, index) => {
        const first = perVector * index;
        const lanes = Array.from({ length: Math.min(perVector, output.channels - first) }, (_, lane) => lane);
        const held = Int8Array.from({ length: 16 }, (_, byte) =>
          first + byte / format.bytes < channels ? -1 : 0,
        );
        return [
          packed.set(held.includes(0) ? v128.and(vector(first), v128.const(held)) : vector(first)),
          lanes.map((lane) => format.storeLane(target.get, packed.get, lane, (first + lane) * format.bytes)),
        ];
      });
      const along = (pixels: number, body: Code): Code => {
        const goesOn = i32.gtU(left.get, i32.const(pixels - 1));
        const step = [
          body,
          increment(source, size * channels * pixels),
          increment(target, pixelBytes * pixels),
          increment(left, -pixels),
        ];
        return ifElse(goesOn, doWhile(step, goesOn), []);
      };
      return countDown(rows, [
        source.set(values.get),
        target.set(map.get),
        left.set(columns.get),
        isDense ? along(tile, inTiles) : [],
        isDense && tile === 1 ? [] : along(1, inPixels),
        advance(values, valuesRowBytes),
        advance(map, mapRowBytes),
      ]);
    },
  );
}

/**
 * Turns rows of a map around: the last pixel comes first. Up to 14 bytes behind a pixel are read.
 *
 * Parameters: addresses of the rows and of the results; pixels of a row and rows, at least 1 each; bytes
 * from a row to the next, of both.
 */
export function mirrorRows(mapped: Plane): WasmFunction {
  const { format, channels, pixelBytes } = mapped;
  return wasmFunction(
    `mirrorRows of ${planeKey(mapped)}`,
    ['source', 'target', 'columns', 'rows', 'rowBytes'],
    (f, { source, target, columns, rows, rowBytes }) => {
      const from = f.i32();
      const to = f.i32();
      const left = f.i32();
      const values = f.v128();
      const perVector = 16 / format.bytes;
      const pixel = Array.from({ length: channels }, (_, channel) => {
        const lane = channel % perVector;
        const load = lane === 0 ? values.set(v128.load(from.get, channel * format.bytes)) : [];
        return [load, format.storeLane(to.get, values.get, lane, channel * format.bytes)];
      });
      return countDown(rows, [
        from.set(i32.add(source.get, i32.mul(columns.get, i32.const(pixelBytes)))),
        to.set(target.get),
        left.set(columns.get),
        countDown(left, [increment(from, -pixelBytes), pixel, increment(to, pixelBytes)]),
        advance(source, rowBytes),
        advance(target, rowBytes),
      ]);
    },
  );
}

/** The lower halves of two vectors. */
const lowHalves = (a: Code, b: Code): Code =>
  i8x16.shuffle(
    a,
    b,
    places.map((place) => (place < 8 ? place : place + 8)),
  );
const places = [...Array(16).keys()];
const highHalf = places.map((place) => 8 + (place % 8));

/**
 * Integers by which a byte v becomes what is stored: factor · x + part · x / 2^15, rounded, where x is 2v + shift.
 * That takes half the instructions of float32.
 */
interface Line {
  readonly factor: number;
  readonly part: number;
  readonly shift: number;
}

/** For each channel the line that gives what every byte becomes; undefined where one has none. */
function linesThrough(shape: PictureShape): Line[] | undefined {
  const lines = shape.offsets.map((_, channel) => lineThrough(storedBytes(shape, channel)));
  return lines.every((line) => line !== undefined) ? lines : undefined;
}

function lineThrough(stored: readonly number[]): Line | undefined {
  const slope = (stored[255]! - stored[0]!) / (2 * 255);
  const factor = Math.round(slope);
  const shift = Math.round(stored[0]! / slope);
  const nearest = Math.round((slope - factor) * 2 ** 15);
  const part = [0, 1, -1, 2, -2]
    .map((more) => nearest + more)
    .find((tried) =>
      stored.every((value, byte) => {
        const x = 2 * byte + shift;
        return value === factor * x + ((tried * x + 2 ** 14) >> 15);
      }),
    );
  return part === undefined ? undefined : { factor, part, shift };
}

/** What each byte of a channel becomes, in the kernel's float32. */
function storedBytes({ means, scales, offsets, unit, low, high }: PictureShape, channel: number): number[] {
  const { fround } = Math;
  const whole = 1.5 * 2 ** 23;
  return Array.from({ length: 256 }, (_, byte) => {
    const wanted = fround((byte - means[channel]!) * scales[channel]!);
    const value = fround(fround(wanted + offsets[channel]!) * fround(1 / unit));
    return Math.min(Math.max(fround(Math.max(value, low) + whole) - whole, low), high);
  });
}
