import { type Code, f32x4, type Local, v128 } from './assembler.ts';
import { type Format, type Instructions, lanes } from './formats.ts';
import { type Plane, planeKey } from './plane.ts';

/** What happens to a convolution's sums on their way to memory. All numbers are in units of the output. */
export interface Finish {
  readonly output: Plane;
  /** A map that is added, times `scale`. */
  readonly residual?: { readonly plane: Plane; readonly scale: number };
  /** The activation: values are limited to these. */
  readonly low: number;
  readonly high: number;
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
  { output, residual, low, high }: Finish,
  sums: readonly Local[],
  at: { table: Code; output: Code; outputOffset: number; residual: Code; residualOffset: number },
): Code {
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
    return limit(value, low, high);
  });
  return output.format.store(at.output, values, at.outputOffset);
}

export function limit(value: Code, low: number, high: number): Code {
  const raised = low === Number.NEGATIVE_INFINITY ? value : f32x4.pmax(value, constant(low));
  return high === Number.POSITIVE_INFINITY ? raised : f32x4.pmin(raised, constant(high));
}

export const constant = (value: number): Code => v128.const(Float32Array.of(...lanes(value)));
