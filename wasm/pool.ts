import {
  advance,
  type Code,
  countDown,
  type FunctionBuilder,
  f32x4,
  increment,
  named,
  repeat,
  type SizedKernel,
} from './assembler.ts';
import { constant, type Limits } from './formats.ts';
import { type Plane, planeKey } from './plane.ts';

export interface PoolShape extends Limits {
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

/** The largest value or the mean of every window. */
export function pool(shape: PoolShape): SizedKernel {
  const { kind, input, output, kernel, stride } = shape;
  const scale = kind === 'max' ? shape.scale : shape.scale / (kernel[0] * kernel[1]);
  const combine = kind === 'max' ? f32x4.pmax : f32x4.add;

  function body(f: FunctionBuilder): Code {
    const { inputRow, outputRow, rows, columns, ...steps } = named(f, parameters);
    const left = f.i32();
    const window = f.i32();
    const windowRow = f.i32();
    const source = f.i32();
    const target = f.i32();
    const result = f.v128();
    const value = (x: number) => input.format.load(source.get, x * input.pixelBytes, 0);
    const pixels = Array.from({ length: kernel[1] }, (_, x) => result.set(combine(result.get, value(x))));
    const scaled = scale === 1 ? result.get : f32x4.mul(result.get, constant(scale));
    return countDown(rows, [
      window.set(inputRow.get),
      target.set(outputRow.get),
      left.set(columns.get),
      countDown(left, [
        windowRow.set(window.get),
        repeat(f, output.channels / 4, [
          source.set(windowRow.get),
          result.set(kind === 'max' ? value(0) : constant(0)),
          repeat(f, kernel[0], [pixels, advance(source, steps.windowStep)]),
          output.format.store(target.get, [scaled], 0, shape),
          increment(windowRow, 4 * input.format.bytes),
          increment(target, 4 * output.format.bytes),
        ]),
        increment(window, stride[1] * input.pixelBytes),
      ]),
      advance(inputRow, steps.inputStep),
      advance(outputRow, steps.outputStep),
    ]);
  }

  return {
    kernel: {
      name: `${kind} pool ${kernel}/${stride} ${planeKey(input)} × ${shape.scale} -> ${planeKey(output)} [${shape.low}, ${shape.high}]`,
      parameters: parameters.length,
      body,
    },
    sizes: [output.height, output.width, stride[0] * input.rowBytes, input.rowBytes, output.rowBytes],
  };
}
