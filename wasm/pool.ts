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
import type { ValueLimits } from './formats.ts';
import { float32s } from './lanes.ts';
import { type Plane, planeKey } from './plane.ts';

export interface PoolShape extends ValueLimits {
  readonly kind: 'max' | 'mean';
  readonly input: Plane;
  readonly output: Plane;
  readonly window: readonly [height: number, width: number];
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
  const { kind, input, output, window, stride } = shape;
  const { format } = input;
  const channels = 16 / format.bytes;
  const scale = kind === 'max' ? shape.scale : shape.scale / (window[0] * window[1]);

  function body(
    f: FunctionBuilder,
    { inputRow, outputRow, rows, columns, ...steps }: Named<typeof parameters>,
  ): Code {
    const left = f.i32();
    const corner = f.i32();
    const windowRow = f.i32();
    const source = f.i32();
    const target = f.i32();
    const value = f.v128();
    const largest = f.v128();
    const sums = f.v128s(channels / 4);
    const load = (x: number) => v128.load(source.get, x * input.pixelBytes);
    const pixels = Array.from({ length: window[1] }, (_, x) =>
      kind === 'max'
        ? largest.set(format.max(largest.get, load(x)))
        : [
            value.set(load(x)),
            format.widen(value.get).map((part, v) => sums[v]!.set(f32x4.add(sums[v]!.get, part))),
          ],
    );
    const results = kind === 'max' ? format.widen(largest.get) : sums.map((sum) => sum.get);
    const scaled = scale === 1 ? results : results.map((result) => f32x4.mul(result, float32s(scale)));
    return countDown(rows, [
      corner.set(inputRow.get),
      target.set(outputRow.get),
      left.set(columns.get),
      countDown(left, [
        windowRow.set(corner.get),
        repeat(f, output.channels / channels, [
          source.set(windowRow.get),
          kind === 'max' ? largest.set(load(0)) : sums.map((sum) => sum.set(float32s(0))),
          repeat(f, window[0], [pixels, advance(source, steps.windowStep)]),
          output.format.store(target.get, scaled, 0, shape),
          increment(windowRow, 16),
          increment(target, channels * output.format.bytes),
        ]),
        increment(corner, stride[1] * input.pixelBytes),
      ]),
      advance(inputRow, steps.inputStep),
      advance(outputRow, steps.outputStep),
    ]);
  }

  return {
    kernel: wasmFunction(
      `${kind} pool ${window}/${stride} ${planeKey(input)} × ${shape.scale} -> ${planeKey(output)} [${shape.low}, ${shape.high}]`,
      parameters,
      body,
    ),
    sizes: [output.height, output.width, stride[0] * input.rowBytes, input.rowBytes, output.rowBytes],
  };
}
