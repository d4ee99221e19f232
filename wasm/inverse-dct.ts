import {
  type Code,
  countDown,
  type FunctionBuilder,
  i8x16,
  i16x8,
  i32,
  i32x4,
  ifElse,
  increment,
  type Local,
  v128,
  type WasmFunction,
  wasmFunction,
} from './assembler.ts';
import { int32s, interleave } from './lanes.ts';

/** Samples that eight coefficients become: each the mean of 8/`Samples` pixels. */
export type Samples = 1 | 2 | 4 | 8;

/** Fraction bits of the factors, and those that are kept from the first pass to the second. */
const factorBits = 13;
const keptBits = 2;

/** A block whose last coefficient comes no later than this in zigzag order has none beyond 3 in either direction. */
export const lastOfLowBlock = 9;

/**
 * Factors of coefficient u in sample i, times √8 and 2^{@link factorBits}: the cosines of the inverse DCT
 * (ITU-T T.81, A.3.3), averaged over the pixels of a sample. A reduced picture is therefore the box
 * average of the full one, and not another filter's.
 */
export function factors(samples: Samples): number[][] {
  const pixels = 8 / samples;
  return Array.from({ length: samples }, (_, i) =>
    Array.from({ length: 8 }, (_, u) => {
      let sum = 0;
      for (let x = i * pixels; x < (i + 1) * pixels; x++) {
        sum += u === 0 ? 1 : Math.SQRT2 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
      }
      return Math.round((sum / pixels) * 2 ** factorBits);
    }),
  );
}

/** The shifts at the end of the passes, and the values added before them: half a unit, in the second pass 128 too. */
export const firstShift = factorBits - keptBits;
export const secondShift = factorBits + keptBits + 3;
export const firstBias = 1 << (firstShift - 1);
export const secondBias = (1 << (secondShift - 1)) + (128 << secondShift);

/**
 * Dequantizes a row of blocks and reconstructs samples of 0 to 255 from them. Blocks are stored by
 * columns (64 int16, frequency (u, v) at 8u + v); rows are transformed first.
 *
 * Parameters: addresses of the coefficients, of each block's last coefficient in zigzag order (a byte),
 * of the 64 quantisation steps (int16) and of the samples; bytes from a row of samples to the next;
 * number of blocks (at least 1).
 */
export function inverseDct(width: Samples, height: Samples): WasmFunction {
  const parameters = ['coefficients', 'last', 'steps', 'samples', 'stride', 'count'] as const;
  return wasmFunction(`inverse dct ${width}×${height}`, parameters, (f, locals) => {
    const { coefficients, last, steps, samples, stride, count } = locals;
    const rows = f.v128s(height);

    const transform = (inputs: number): Code => {
      const code: Code[] = [];
      const keep = (value: Code): Local => {
        const local = f.v128();
        code.push(local.set(value));
        return local;
      };
      const columns = Array.from({ length: inputs }, (_, u) =>
        keep(i16x8.mul(v128.load(coefficients.get, 16 * u), v128.load(steps.get, 16 * u))),
      );
      // Lanes are vertical frequencies here, of which a low block has four; below they are columns.
      const lines = pass(keep, columns, width, inputs > 4, firstBias, firstShift);
      const frequencies = transpose(keep, lines, inputs);
      const results = pass(keep, frequencies, height, width > 4, secondBias, secondShift);
      return [code, results.map((result, y) => rows[y]!.set(result.get))];
    };

    /** The same sample everywhere: (dc·step + 4) >> 3, and 128. */
    const flat = (): Code => {
      const dc = i32.mul(i32.load16S(coefficients.get), i32.load16S(steps.get));
      const wrapped = i32.shrS(i32.shl(dc, i32.const(16)), i32.const(16));
      const sample = i32.add(i32.shrS(i32.add(wrapped, i32.const(4)), i32.const(3)), i32.const(128));
      return [rows[0]!.set(i16x8.splat(sample)), rows.slice(1).map((row) => row.set(rows[0]!.get))];
    };

    const whole = width === 1 && height === 1;
    return countDown(count, [
      whole
        ? flat()
        : ifElse(
            i32.load8U(last.get),
            ifElse(i32.gtU(i32.load8U(last.get), i32.const(lastOfLowBlock)), transform(8), transform(4)),
            flat(),
          ),
      storeRows(f, rows, width, samples.get, stride.get),
      increment(coefficients, 128),
      increment(last, 1),
      increment(samples, width),
    ]);
  });
}

type Keep = (value: Code) => Local;

/**
 * One dimension of the transform, for eight lanes or, with `full` false, the lower four. Samples i
 * and N-1-i share their products: those of even frequencies are equal, those of odd ones opposite.
 */
function pass(
  keep: Keep,
  inputs: readonly Local[],
  samples: Samples,
  full: boolean,
  bias: number,
  shift: number,
): Local[] {
  const pairs =
    inputs.length > 4
      ? ([
          [0, 4],
          [2, 6],
          [1, 3],
          [5, 7],
        ] as const)
      : ([
          [0, 2],
          [1, 3],
        ] as const);
  const matrix = factors(samples);
  const halves = (full ? ([0, 8] as const) : ([0] as const)).map((firstLane) => {
    const words = pairs.map(([a, b]) =>
      samples > 1 || a === 0 ? keep(interleave(inputs[a]!.get, inputs[b]!.get, firstLane)) : undefined,
    );
    const products = new Map<string, Local>();
    /** The product of a pair with its factors for a sample; the opposite one serves as well. */
    const product = (pair: number, sample: number): { value: Local; negative: boolean } | undefined => {
      const [a, b] = pairs[pair]!;
      const [first, second] = [matrix[sample]![a]!, matrix[sample]![b]!];
      if (first === 0 && second === 0) return undefined;
      const opposite = products.get(`${pair}: ${-first} ${-second}`);
      if (opposite) return { value: opposite, negative: true };
      const key = `${pair}: ${first} ${second}`;
      let value = products.get(key);
      if (!value) {
        const sum = i32x4.dotI16x8S(words[pair]!.get, v128.const(Int16Array.of(...repeated(first, second))));
        value = keep(a === 0 ? i32x4.add(sum, int32s(bias)) : sum);
        products.set(key, value);
      }
      return { value, negative: false };
    };
    const sumOf = (sample: number, even: boolean): Local | undefined => {
      let sum: Code | undefined;
      pairs.forEach(([a], pair) => {
        if ((a % 2 === 0) !== even) return;
        const term = product(pair, sample);
        if (!term) return;
        // The first term of a sum is never an opposite one.
        if (sum === undefined) sum = term.value.get;
        else sum = (term.negative ? i32x4.sub : i32x4.add)(sum, term.value.get);
      });
      return sum === undefined ? undefined : keep(sum);
    };
    const results: Code[] = [];
    for (let i = 0; i < Math.ceil(samples / 2); i++) {
      const even = sumOf(i, true)!;
      const odd = samples > 1 ? sumOf(i, false) : undefined;
      results[i] = i32x4.shrS(odd ? i32x4.add(even.get, odd.get) : even.get, i32.const(shift));
      if (odd) results[samples - 1 - i] = i32x4.shrS(i32x4.sub(even.get, odd.get), i32.const(shift));
    }
    return results;
  });
  const [low, high = low] = halves as [Code[], Code[]?];
  return low.map((half, i) => keep(i16x8.narrowI32x4S(half, high[i]!)));
}

const repeated = (a: number, b: number): number[] => [a, b, a, b, a, b, a, b];

/**
 * Vector v of the result has lane v of each of `vectors`. Three rounds, each of which moves the highest
 * bit of the vector's number to be the lowest of the lane's; of missing vectors the lanes are arbitrary.
 */
function transpose(keep: Keep, vectors: readonly Local[], results: number): Local[] {
  const known = new Map<number, Local>();
  const find = (round: number, index: number): Local | undefined => {
    if (round === 0) return vectors[index];
    const key = 8 * round + index;
    const made = known.get(key);
    if (made) return made;
    const [a, b] = [find(round - 1, index >> 1), find(round - 1, (index >> 1) + 4)];
    if (!a && !b) return undefined;
    const local = keep(interleave((a ?? b)!.get, (b ?? a)!.get, index % 2 === 0 ? 0 : 8));
    known.set(key, local);
    return local;
  };
  return Array.from({ length: results }, (_, index) => find(3, index)!);
}

/** Two rows at a time become bytes and go to their lines. */
function storeRows(
  f: FunctionBuilder,
  rows: readonly Local[],
  width: Samples,
  address: Code,
  stride: Code,
): Code {
  const store = { 1: v128.store8Lane, 2: v128.store16Lane, 4: v128.store32Lane, 8: v128.store64Lane }[width];
  const line = f.i32();
  const bytes = f.v128();
  const code: Code[] = [line.set(address)];
  for (let y = 0; y < rows.length; y += 2) {
    const [first, second] = [rows[y]!, rows[y + 1]];
    code.push(
      bytes.set(i8x16.narrowI16x8U(first.get, (second ?? first).get)),
      store(line.get, bytes.get, 0),
      line.set(i32.add(line.get, stride)),
    );
    if (second) code.push(store(line.get, bytes.get, 8 / width), line.set(i32.add(line.get, stride)));
  }
  return code;
}
