import {
  advance,
  type Code,
  countDown,
  type FunctionBuilder,
  i8x16,
  i16x8,
  i32,
  i32x4,
  increment,
  type Local,
  type Named,
  v128,
  type WasmFunction,
  wasmFunction,
} from './assembler.ts';
import { int32s } from './lanes.ts';

/** Fractional bits of positions. */
export const positionBits = 16;

/** Fractional bits of the weights that neighbouring pixels get. */
const weightBits = 8;

/** The same of cubic interpolation: what two of them and a pixel make stays below 2^31. */
const cubicWeightBits = 11;

/** Bytes of the table that {@link warpRows} reads. */
export const warpTableBytes = 4 * 16;

/** Pixels of a row that are made at a time, by what kernel: bilinear samples of each, or a bicubic one. */
export const madeTogether = { 1: 2, 4: 1, cubic: 1 } as const;

/** Bytes behind the result that are overwritten. */
export const writtenBehind = 5;

/**
 * A raster under an affine map, 8-bit RGB, every pixel the mean of one or four bilinear samples. Positions are
 * counted in pixels times 2^{@link positionBits} from the first pixel's centre; those outside the raster
 * are moved to its border.
 *
 * Parameters: address of a table of vectors of int32, x and y of each twice: the step to the next
 * {@link madeTogether} pixels, the raster's last position, and of samples the step down and the step to the
 * right, with 0 in place of its first two; address of two int32 for each row, x and y of its first sample;
 * number of rows, at least 1; address of the raster and bytes of its rows; pixels of a row, at least 1; address
 * of the result. Reads up to a row and 8 bytes behind the raster, and writes {@link writtenBehind} bytes behind
 * the result.
 *
 * @param samples for each pixel
 */
export function warpRows(samples: 1 | 4): WasmFunction {
  return wasmFunction(`warpRows ${samples}`, parameters, (f, given) => {
    const { table, raster, rowBytes } = given;
    const [step, last, down, right] = f.v128s(4) as [Local, Local, Local, Local];
    /** Of two samples: x and y of one, then of the one to its right. */
    const pair = f.v128();
    const [strides, position, distances] = f.v128s(3) as [Local, Local, Local];
    /** Of both: weights of the right column and of the lower row, and those of both columns in 16 bits. */
    const [fractions, columns] = f.v128s(2) as [Local, Local];
    const [upper, change] = f.v128s(2) as [Local, Local];
    /** Of each pixel: its samples' upper rows, what the lower ones change, and what both come to. */
    const uppers = f.v128s(madeTogether[samples]);
    const changes = f.v128s(uppers.length);
    const sums = f.v128s(uppers.length);
    const at = f.i32();

    const addSample = (pixel: number, lane: number): Code => {
      const row = (address: Code): Code =>
        i32x4.dotI16x8S(besides(v128.load64Zero(address)), splatLane(columns.get, lane));
      return [
        at.set(i32.add(raster.get, i32x4.extractLane(distances.get, lane))),
        upper.set(row(at.get)),
        uppers[pixel]!.set(i32x4.add(uppers[pixel]!.get, upper.get)),
        change.set(i32x4.sub(row(i32.add(at.get, rowBytes.get)), upper.get)),
        change.set(i32x4.mul(change.get, splatLane(fractions.get, lane + 1))),
        changes[pixel]!.set(i32x4.add(changes[pixel]!.get, change.get)),
      ];
    };
    /** @param pixels of the two samples */
    const addPair = (where: Code, pixels: readonly [number, number]): Code => [
      findPixels(where, { last, strides, position, distances }),
      fractions.set(i8x16.swizzle(position.get, v128.const(secondBytes))),
      // 2^8 less the right column's weight in the lower half, and that weight in the upper one.
      columns.set(i32x4.add(i32x4.mul(fractions.get, integers((1 << 16) - 1)), integers(1 << weightBits))),
      pixels.map((pixel, sample) => addSample(pixel, 2 * sample)),
    ];
    const shift = 2 * weightBits + (samples === 4 ? 2 : 0);
    return [
      [step, last, down, right].map((vector, index) => vector.set(v128.load(table.get, 16 * index))),
      strides.set(twice(i32.const(3), rowBytes.get)),
      inRows(f, given, {
        begin: (first) => pair.set(i32x4.add(first, right.get)),
        add: [
          uppers.map((sum) => sum.set(integers(1 << (shift - weightBits - 1)))),
          changes.map((sum) => sum.set(integers(0))),
          samples === 1
            ? addPair(pair.get, [0, 1])
            : [pair.get, i32x4.add(pair.get, down.get)].map((where) => addPair(where, [0, 0])),
          pair.set(i32x4.add(pair.get, step.get)),
          sums.map((sum, pixel) =>
            sum.set(i32x4.add(i32x4.shl(uppers[pixel]!.get, i32.const(weightBits)), changes[pixel]!.get)),
          ),
        ],
        sums,
        shift,
      }),
    ];
  });
}

/** The parameters of {@link warpRows}. */
const parameters = ['table', 'starts', 'rows', 'raster', 'rowBytes', 'width', 'target'] as const;

/**
 * The weighted sums of the colours of two neighbouring pixels.
 *
 * @param first place of the first one's first byte
 * @param weights two of 16 bits in each lane
 */
const blended = (row: Code, first: 0 | 6, weights: Local): Code =>
  i32x4.dotI16x8S(besides(row, first), weights.get);

/**
 * The weights of four neighbouring pixels for each position between the second and the third, in steps of
 * 2^-8: Keys' cubic convolution (1981, a = -1/2), which keeps the pixels that there are and is exact for
 * parabolas. Fixed point with 11 fractional bits; four sum to 1.
 */
export const cubicWeights: Int16Array = new Int16Array(
  Array.from({ length: 1 << weightBits }, (_, step) => cubicWeightsAt(step / (1 << weightBits))).flat(),
);

/** @param t position behind the second pixel, 0 to 1 */
function cubicWeightsAt(t: number): number[] {
  const one = 1 << cubicWeightBits;
  const before = Math.round((one * t * (2 * t - t * t - 1)) / 2);
  const behind = Math.round((one * t * (1 + 4 * t - 3 * t * t)) / 2);
  const last = Math.round((one * t * t * (t - 1)) / 2);
  return [before, one - before - behind - last, behind, last];
}

/**
 * A raster under an affine map as {@link warpRows} makes it, pixel by pixel, every one a bicubic sample. Around the
 * raster lies a border of one pixel.
 *
 * Parameters: those of {@link warpRows}, of whose table the step and the last position are read; behind it
 * follow {@link cubicWeights}, and the raster begins with its border.
 */
export const warpRowsCubic: WasmFunction = wasmFunction('warpRows cubic', parameters, (f, given) => {
  const { table, raster, rowBytes } = given;
  const [step, last, next, position] = f.v128s(4) as [Local, Local, Local, Local];
  const [strides, distances, row, sum] = f.v128s(4) as [Local, Local, Local, Local];
  /** Bytes behind the first weights, of those of the columns and of those of the rows. */
  const weights = f.v128();
  const [left, right, down] = f.v128s(3) as [Local, Local, Local];
  const at = f.i32();

  const addRow = (lane: number): Code => {
    const across = i32x4.add(blended(row.get, 0, left), blended(row.get, 6, right));
    return [
      row.set(v128.load(at.get)),
      advance(at, rowBytes),
      sum.set(i32x4.add(sum.get, i32x4.mul(across, splatLane(down.get, lane)))),
    ];
  };
  const shift = 2 * cubicWeightBits;
  /** Four weights are 2^3 bytes. */
  const bytesBits = 3;
  return [
    [step, last].map((vector, index) => vector.set(v128.load(table.get, 16 * index))),
    strides.set(twice(i32.const(3), rowBytes.get)),
    inRows(f, given, {
      begin: (first) => next.set(first),
      add: [
        findPixels(next.get, { last, strides, position, distances }),
        weights.set(i32x4.shrS(position.get, i32.const(positionBits - weightBits - bytesBits))),
        weights.set(v128.and(weights.get, integers(255 << bytesBits))),
        at.set(i32.add(table.get, i32x4.extractLane(weights.get, 0))),
        left.set(v128.load32Splat(at.get, warpTableBytes)),
        right.set(v128.load32Splat(at.get, warpTableBytes + 4)),
        at.set(i32.add(table.get, i32x4.extractLane(weights.get, 1))),
        down.set(v128.load16x4S(at.get, warpTableBytes)),
        at.set(i32.add(raster.get, i32x4.extractLane(distances.get, 0))),
        sum.set(integers(1 << (shift - 1))),
        [0, 1, 2, 3].map(addRow),
        next.set(i32x4.add(next.get, step.get)),
      ],
      sums: [sum],
      shift,
    }),
  ];
});

/** How the pixels of a row are made. */
interface Pixels {
  /** Takes x and y of the row's first sample, twice. */
  begin(first: Code): Code;
  /** Makes the sums of one pixel or of two, and goes on to those that follow. */
  readonly add: Code;
  /** Colours, which may be less than 0 or more than 255. */
  readonly sums: readonly Local[];
  /** Fractional bits of the sums. */
  readonly shift: number;
}

/** Goes through the rows of the result. Of a row of odd width two pixels at a time make one more. */
function inRows(
  f: FunctionBuilder,
  { starts, rows, width, target }: Named<typeof parameters>,
  { begin, add, sums, shift }: Pixels,
): Code {
  const [left, to] = [f.i32(), f.i32()];
  const words = f.v128();
  const together = sums.length;
  const [first, other = first] = sums.map((sum) => i32x4.shrS(sum.get, i32.const(shift)));
  const bytes = i8x16.narrowI16x8U(words.get, words.get);
  const withoutGap = Uint8Array.from({ length: 16 }, (_, byte) => (byte < 3 ? byte : byte + 1));
  return countDown(rows, [
    begin(v128.load64Splat(starts.get)),
    to.set(target.get),
    left.set(i32.divU(i32.add(width.get, i32.const(together - 1)), i32.const(together))),
    countDown(left, [
      add,
      words.set(i16x8.narrowI32x4S(first!, other!)),
      together === 1
        ? v128.store32Lane(to.get, bytes, 0)
        : v128.store64Lane(to.get, i8x16.swizzle(bytes, v128.const(withoutGap)), 0),
      increment(to, 3 * together),
    ]),
    increment(starts, 2 * 4),
    target.set(i32.add(target.get, i32.mul(width.get, i32.const(3)))),
  ]);
}

const integers = (value: number): Code => int32s(value);

/** Two values, and again. */
const twice = (first: Code, second: Code): Code =>
  i32x4.replaceLane(i32x4.replaceLane(i32x4.splat(first), 1, second), 3, second);

/**
 * Finds out how many bytes behind the raster's first the pixels begin in which two samples lie.
 *
 * @param where x and y of one sample, then of the other
 * @param strides bytes to the next pixel and to the next row, twice
 * @param position becomes the place inside the raster
 * @param distances become those of the pixels, each twice
 */
const findPixels = (
  where: Code,
  { last, strides, position, distances }: Record<'last' | 'strides' | 'position' | 'distances', Local>,
): Code => [
  position.set(i32x4.minS(i32x4.maxS(where, integers(0)), last.get)),
  distances.set(i32x4.mul(i32x4.shrS(position.get, i32.const(positionBits)), strides.get)),
  distances.set(i32x4.add(distances.get, swapped(distances.get))),
];

/** The second byte of a position: its place in its pixel, in steps of 2^-8. */
const secondBytes = Uint8Array.from({ length: 16 }, (_, byte) => (byte % 4 ? 255 : byte + 1));

/** The bytes of a pixel, each beside that of the next pixel, in 16 bits. @param first place of the pixel's first byte */
const besides = (row: Code, first = 0): Code =>
  i8x16.swizzle(
    row,
    v128.const(
      Uint8Array.from({ length: 16 }, (_, byte) =>
        byte % 2 || byte > 11 ? 255 : first + neighbours[byte / 2]!,
      ),
    ),
  );
const neighbours = [0, 3, 1, 4, 2, 5];

/** The lanes of each pair exchanged. */
const swapped = (vector: Code): Code =>
  i8x16.shuffle(
    vector,
    vector,
    [1, 0, 3, 2].flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
  );

const splatLane = (vector: Code, lane: number): Code =>
  i8x16.shuffle(
    vector,
    v128.const(new Int32Array(4)),
    Array.from({ length: 16 }, (_, byte) => 4 * lane + (byte % 4)),
  );
