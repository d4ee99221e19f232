import {
  advance,
  type Code,
  countDown,
  type FunctionBuilder,
  f32x4,
  increment,
  type Named,
  repeat,
  type SizedKernel,
  v128,
  wasmFunction,
} from './assembler.ts';
import { constant, type ValueLimits } from './formats.ts';
import { type Plane, planeKey } from './plane.ts';

export interface PoolShape extends ValueLimits {
  readonly kind: 'max' | 'mean';
  readonly input: Plane;
  readonly output: Plane;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [vertical: number, horizontal: number];
  /** Units of the input in units of the output. */
  readonly scale: number;
}

/** Those of {@link windowParameters} that a pool has. */
const parameters = [
  'inputRow',
  'outputRow',
  'rows',
  'columns',
  'inputStep',
  'windowStep',
  'outputStep',
] as const;

/** The largest value or the mean of every window. Values are compared as they are stored, and added as float32. */
export function pool(shape: PoolShape): SizedKernel {
  const { kind, input, output, kernel, stride } = shape;
  const { format } = input;
  const channels = 16 / format.bytes;
  const scale = kind === 'max' ? shape.scale : shape.scale / (kernel[0] * kernel[1]);

  function body(
    f: FunctionBuilder,
    { inputRow, outputRow, rows, columns, ...steps }: Named<typeof parameters>,
  ): Code {
    const left = f.i32();
    const window = f.i32();
    const windowRow = f.i32();
    const source = f.i32();
    const target = f.i32();
    const value = f.v128();
    const largest = f.v128();
    const sums = f.v128s(channels / 4);
    const load = (x: number) => v128.load(source.get, x * input.pixelBytes);
    const pixels = Array.from({ length: kernel[1] }, (_, x) =>
      kind === 'max'
        ? largest.set(format.max(largest.get, load(x)))
        : [
            value.set(load(x)),
            format.widen(value.get).map((part, v) => sums[v]!.set(f32x4.add(sums[v]!.get, part))),
          ],
    );
    const results = kind === 'max' ? format.widen(largest.get) : sums.map((sum) => sum.get);
    const scaled = scale === 1 ? results : results.map((result) => f32x4.mul(result, constant(scale)));
    return countDown(rows, [
      window.set(inputRow.get),
      target.set(outputRow.get),
      left.set(columns.get),
      countDown(left, [
        windowRow.set(window.get),
        repeat(f, output.channels / channels, [
          source.set(windowRow.get),
          kind === 'max' ? largest.set(load(0)) : sums.map((sum) => sum.set(constant(0))),
          repeat(f, kernel[0], [pixels, advance(source, steps.windowStep)]),
          output.format.store(target.get, scaled, 0, shape),
          increment(windowRow, 16),
          increment(target, channels * output.format.bytes),
        ]),
        increment(window, stride[1] * input.pixelBytes),
      ]),
      advance(inputRow, steps.inputStep),
      advance(outputRow, steps.outputStep),
    ]);
  }

  return {
    kernel: wasmFunction(
      `${kind} pool ${kernel}/${stride} ${planeKey(input)} × ${shape.scale} -> ${planeKey(output)} [${shape.low}, ${shape.high}]`,
      parameters,
      body,
    ),
    sizes: [output.height, output.width, stride[0] * input.rowBytes, input.rowBytes, output.rowBytes],
  };
}
