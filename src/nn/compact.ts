import type { Initializer } from './graph.ts';

/** Float32 values in fewer bits, as most published weights are kept. */
export type Compact =
  | {
      /** A code c stands for (c - zeroPoint) · scale. */
      readonly codes: Uint8Array;
      readonly zeroPoint: number;
      /** One for all, or one for each index of the tensor's first dimension. */
      readonly scales: Float32Array;
    }
  /** IEEE 754 binary16. */
  | { readonly halves: Uint16Array };

/** A float32 tensor in fewer bits. */
export interface CompactTensor extends Initializer {
  readonly data: Float32Array;
  readonly compact: Compact;
}

export function compactTensor(shape: readonly number[], compact: Compact): CompactTensor {
  return {
    shape,
    compact,
    get data() {
      const data = new Float32Array('codes' in compact ? compact.codes.length : compact.halves.length);
      expand(this, data);
      return data;
    },
  };
}

/**
 * Writes the values of a float32 tensor.
 *
 * @param values as many as the tensor has
 */
export function expand(
  tensor: { readonly shape: readonly number[]; readonly data: Float32Array; readonly compact?: Compact },
  values: Float32Array,
): void {
  const { compact, shape } = tensor;
  if (!compact) values.set(tensor.data);
  else if ('halves' in compact) expandHalves(compact.halves, values);
  else expandCodes(compact, shape[0] ?? 1, values);
}

function expandCodes(
  { codes, zeroPoint, scales }: Extract<Compact, { readonly codes: Uint8Array }>,
  rows: number,
  values: Float32Array,
): void {
  const length = values.length / rows;
  for (let row = 0; row < rows; row++) {
    const scale = scales[scales.length === 1 ? 0 : row]!;
    const end = (row + 1) * length;
    for (let index = row * length; index < end; index++) values[index] = (codes[index]! - zeroPoint) * scale;
  }
}

function expandHalves(halves: Uint16Array, values: Float32Array): void {
  const table = halfTable();
  for (let index = 0; index < values.length; index++) values[index] = table[halves[index]!]!;
}

let halfValues: Float32Array | undefined;

/** The value of every binary16, by its bits. */
function halfTable(): Float32Array {
  halfValues ??= Float32Array.from({ length: 0x10000 }, (_, bits) => halfToNumber(bits));
  return halfValues;
}

/** The value of an IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
