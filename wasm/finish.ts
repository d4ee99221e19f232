import { type Code, f32x4, i16x8, i32, i32x4, type Local, v128 } from './assembler.ts';
import { type Format, type Instructions, limitedWords, pairs, type ValueLimits } from './formats.ts';
import { float32s } from './lanes.ts';
import { type Plane, planeKey } from './plane.ts';

/** The steps of a convolution's sums on their way to memory. All numbers are in units of the output. */
export interface Finish extends ValueLimits {
  readonly output: Plane;
  /** A map that is added, times `scale`, which for integers is at most 1. */
  readonly residual?: { readonly plane: Plane; readonly scale: number };
  /** Sums of integers are 2^shift times what an integer map stores; 0: the table has factors for them. */
  readonly shift: number;
  /** True: negative values get a factor of their channel (PReLU). Then there is no shift. */
  readonly prelu: boolean;
}

/** The addresses of a pixel's sums and of the values that are added to them. */
export interface Target {
  readonly table: Code;
  readonly output: Code;
  readonly outputOffset: number;
  readonly residual: Code;
  readonly residualOffset: number;
}

export const finishKey = ({ output, residual, low, high, near, shift, prelu }: Finish): string =>
  `-> ${planeKey(output)} >> ${shift}${prelu ? ' prelu' : ''} [${low}, ${high}]${near ? ' near' : ''}${residual ? ` + ${residual.scale} ${planeKey(residual.plane)}` : ''}`;

/** The entries that a table has for each channel. */
export interface TableForm {
  readonly shift: number;
  readonly prelu: boolean;
}

/**
 * A table has for every block of channels the vectors that its sums start from, the bias; then,
 * where sums of integers are not just shifted, the vectors of their factors as float32; then, for
 * PReLU, those of the bits in which the factors of negative sums differ from these; where a residual is
 * added first, the bits in which a slope differs from 1.
 */
export const numbersInTable = (input: Format, { shift, prelu }: TableForm): 1 | 2 | 3 => {
  if (prelu) return 3;
  return input.name === 'i16' && shift === 0 ? 2 : 1;
};

export const tableBytes = (input: Format, form: TableForm, vectors: number): number =>
  16 * vectors * numbersInTable(input, form);

/** Scales, adds, limits and stores one pixel's sums of neighbouring channels, each vector four of them. */
export function finish(
  isa: Instructions,
  input: Format,
  shape: Finish,
  sums: readonly Local[],
  at: Target,
): Code {
  const { output, residual, shift, prelu } = shape;
  const whole = input.name === 'i16';
  const scaled = numbersInTable(input, shape) > 1;
  if (shift > 0) {
    const shifted = (sum: Local | undefined) => (sum ? i32x4.shrS(sum.get, i32.const(shift)) : []);
    return pairs(sums).map(([first, second], index) =>
      finishWords(shape, i16x8.narrowI32x4S(shifted(first), shifted(second)), at, index),
    );
  }
  const values = sums.map((sum, vector) => {
    const entry = (row: number) => v128.load(at.table, 16 * (row * sums.length + vector));
    /** The sign bit of a float32 lies where that of an integer does. */
    const factorOf = (positive: Code) =>
      prelu ? v128.xor(positive, v128.and(i32x4.shrS(sum.get, i32.const(31)), entry(2))) : positive;
    const float = whole ? f32x4.convertI32x4S(sum.get) : sum.get;
    if (!residual) return scaled ? f32x4.mul(float, factorOf(entry(1))) : float;
    const added = isa.multiplyAdd(
      residual.plane.format.load(at.residual, at.residualOffset, vector),
      float32s(residual.scale),
      scaled ? f32x4.mul(float, entry(1)) : float,
    );
    return prelu ? [sum.set(added), f32x4.mul(sum.get, factorOf(float32s(1)))] : added;
  });
  return output.format.store(at.output, values, at.outputOffset, shape);
}

/** Adds, limits and stores channels 8·`index` to 8·`index` + 7 of a pixel in an integer map. */
function finishWords(shape: Finish, words: Code, at: Target, index: number): Code {
  const { residual } = shape;
  const sum = residual ? i16x8.addSatS(words, residualWords(residual.scale, at, index)) : words;
  return v128.store(at.output, limitedWords(sum, shape), at.outputOffset + 16 * index);
}

function residualWords(scale: number, { residual, residualOffset }: Target, index: number): Code {
  const words = v128.load(residual, residualOffset + 16 * index);
  const factor = new Int16Array(8).fill(Math.min(32767, Math.round(scale * 32768)));
  return scale === 1 ? words : i16x8.q15mulrSatS(words, v128.const(factor));
}
