import { type Code, f32x4, i16x8, i32, i32x4, type Local, v128 } from './assembler.ts';
import { constant, type Format, type Instructions, type Limits, limitedWords, pairs } from './formats.ts';
import { type Plane, planeKey } from './plane.ts';

/** What happens to a convolution's sums on their way to memory. All numbers are in units of the output. */
export interface Finish extends Limits {
  readonly output: Plane;
  /** A map that is added, times `scale`, which for integers is at most 1. */
  readonly residual?: { readonly plane: Plane; readonly scale: number };
  /** Sums of integers are 2^shift times what an integer map stores; 0: the table has factors for them. */
  readonly shift: number;
}

/** Where a pixel's sums go, and where what is added to them comes from. */
export interface Target {
  readonly table: Code;
  readonly output: Code;
  readonly outputOffset: number;
  readonly residual: Code;
  readonly residualOffset: number;
}

export const finishKey = ({ output, residual, low, high, shift }: Finish): string =>
  `-> ${planeKey(output)} >> ${shift} [${low}, ${high}]${residual ? ` + ${residual.scale} ${planeKey(residual.plane)}` : ''}`;

/**
 * A table has for every block of channels the vectors that its sums start from, the bias; then,
 * where sums of integers are not just shifted, the vectors of their factors as float32.
 */
export const tableBytes = (input: Format, { shift }: Finish, vectors: number): number =>
  16 * vectors * (input.name === 'i16' && shift === 0 ? 2 : 1);

/** Scales, adds, limits and stores one pixel's sums of neighbouring channels, each vector four of them. */
export function finish(
  isa: Instructions,
  input: Format,
  shape: Finish,
  sums: readonly Local[],
  at: Target,
): Code {
  const { output, residual, shift } = shape;
  const whole = input.name === 'i16';
  if (shift > 0) {
    const shifted = (sum: Local | undefined) => (sum ? i32x4.shrS(sum.get, i32.const(shift)) : []);
    return pairs(sums).map(([first, second], index) =>
      finishWords(shape, i16x8.narrowI32x4S(shifted(first), shifted(second)), at, index),
    );
  }
  const values = sums.map((sum, vector) => {
    const factor = v128.load(at.table, 16 * (sums.length + vector));
    const value = whole ? f32x4.mul(f32x4.convertI32x4S(sum.get), factor) : sum.get;
    return residual
      ? isa.multiplyAdd(
          residual.plane.format.load(at.residual, at.residualOffset, vector),
          constant(residual.scale),
          value,
        )
      : value;
  });
  return output.format.store(at.output, values, at.outputOffset, shape);
}

/** Adds, limits and stores channels 8·`index` to 8·`index` + 7 of a pixel in an integer map. */
export function finishWords(shape: Finish, words: Code, at: Target, index: number): Code {
  const { residual } = shape;
  const sum = residual ? i16x8.addSatS(words, residualWords(residual.scale, at, index)) : words;
  return v128.store(at.output, limitedWords(sum, shape), at.outputOffset + 16 * index);
}

function residualWords(scale: number, { residual, residualOffset }: Target, index: number): Code {
  const words = v128.load(residual, residualOffset + 16 * index);
  const factor = new Int16Array(8).fill(Math.min(32767, Math.round(scale * 32768)));
  return scale === 1 ? words : i16x8.q15mulrSatS(words, v128.const(factor));
}
