import type { Initializer } from './graph.ts';

/** How float32 values are kept in fewer bits, as most published weights are. */
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
      const { length } = 'codes' in compact ? compact.codes : compact.halves;
      const data = new Float32Array(length);
      const rows = shape[0] ?? 1;
      for (let row = 0; row < rows; row++)
        expandRow(compact, row, data.subarray((row * length) / rows, ((row + 1) * length) / rows));
      return data;
    },
  };
}

/**
 * The values of one index of a float32 tensor's first dimension.
 *
 * @param scratch as many values: written and answered where the tensor is kept in fewer bits
 */
export function rowOf(
  tensor: { readonly data: Float32Array; readonly compact?: Compact },
  row: number,
  scratch: Float32Array,
): Float32Array {
  const { compact } = tensor;
  if (!compact) return tensor.data.subarray(row * scratch.length, (row + 1) * scratch.length);
  expandRow(compact, row, scratch);
  return scratch;
}

function expandRow(compact: Compact, row: number, values: Float32Array): void {
  const start = row * values.length;
  if ('halves' in compact) {
    const { halves } = compact;
    const table = halfTable();
    for (let index = 0; index < values.length; index++)
      values[index] = table[halves[start + index] as number] as number;
    return;
  }
  const { codes, zeroPoint, scales } = compact;
  const scale = scales[scales.length === 1 ? 0 : row] as number;
  for (let index = 0; index < values.length; index++)
    values[index] = ((codes[start + index] as number) - zeroPoint) * scale;
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
