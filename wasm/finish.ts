import { type Code, f32x4, type Local, v128 } from './assembler.ts';
import { constant, type Format, type Instructions, type Limits, limited } from './formats.ts';
import { type Plane, planeKey } from './plane.ts';

/** What happens to a convolution's sums on their way to memory. All numbers are in units of the output. */
export interface Finish extends Limits {
  readonly output: Plane;
  /** A map that is added, times `scale`. */
  readonly residual?: { readonly plane: Plane; readonly scale: number };
}

export const finishKey = ({ output, residual, low, high }: Finish): string =>
  `-> ${planeKey(output)} [${low}, ${high}]${residual ? ` + ${residual.scale} ${planeKey(residual.plane)}` : ''}`;

/**
 * A table has for every block of channels the vectors that its sums need: for float32 the bias;
 * for integers a factor (to units of the output) and then the bias.
 */
export const tableBytes = (format: Format, vectors: number): number =>
  16 * vectors * (format.name === 'f32' ? 1 : 2);

/** What the sums of a block start from: float32 sums from the bias, the others from zero. */
export const start = (format: Format, table: Code, vector: number): Code =>
  format.name === 'f32' ? v128.load(table, 16 * vector) : v128.const(new Int32Array(4));

/** Scales, adds, limits and stores one pixel's sums of neighbouring channels. */
export function finish(
  { multiplyAdd }: Instructions,
  format: Format,
  shape: Finish,
  sums: readonly Local[],
  at: { table: Code; output: Code; outputOffset: number; residual: Code; residualOffset: number },
): Code {
  const { output, residual, low } = shape;
  const values = sums.map((sum, vector) => {
    let value = format.sums(sum.get);
    if (format.name !== 'f32') {
      const bias = v128.load(at.table, 16 * (sums.length + vector));
      value = multiplyAdd(value, v128.load(at.table, 16 * vector), bias);
    }
    if (residual) {
      const other = residual.plane.format.load(at.residual, at.residualOffset, vector);
      value =
        residual.scale === 1 ? f32x4.add(value, other) : multiplyAdd(other, constant(residual.scale), value);
    }
    // Float32 sums may be of any size, integers take none of any.
    const anySize = format.name === 'f32' && output.format.name !== 'f32';
    return anySize ? limited(value, { low, high: Number.POSITIVE_INFINITY }) : value;
  });
  return output.format.store(at.output, values, at.outputOffset, shape);
}
