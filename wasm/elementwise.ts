import {
  advance,
  type Code,
  countDown,
  doWhile,
  type FunctionBuilder,
  f32x4,
  i32,
  ifElse,
  increment,
  type Local,
  type Named,
  repeat,
  type SizedKernel,
  v128,
  type WasmFunction,
  wasmFunction,
} from './assembler.ts';
import { limited, type ValueLimits } from './formats.ts';
import { float32s, int32s } from './lanes.ts';
import { filledBytes, type Plane, planeKey } from './plane.ts';

export interface SumShape extends ValueLimits {
  /** One map or two of one size. */
  readonly inputs: readonly { readonly plane: Plane; readonly scale: number }[];
  /** At least as large as the inputs; what lies beyond them is left as it is. */
  readonly output: Plane;
}

/**
 * Adds maps, each times its scale, and limits the values: addition, activation, or a copy.
 *
 * Parameters: addresses of the pixel (0, 0) of the output and of each input; rows and pixels of a row;
 * bytes from a row to the next of the output and of each input.
 */
export function sum({ inputs, output, low, high }: SumShape): SizedKernel {
  const [{ plane: first }] = inputs as unknown as [{ plane: Plane }];

  const planes = [output, ...inputs.map(({ plane }) => plane)];

  const lineNames = planes.map((_, index) => `line ${index}` as const);
  const stepNames = planes.map((_, index) => `step ${index}` as const);
  const parameters = [...lineNames, 'rows', 'columns', ...stepNames] as const;

  function body(f: FunctionBuilder, { rows, columns, ...others }: Named<typeof parameters>): Code {
    const lines = lineNames.map((name) => others[name]!);
    const steps = stepNames.map((name) => others[name]!);
    const left = f.i32();
    const pixels = planes.map(() => f.i32());
    const [target, ...sources] = planes.map(() => f.i32()) as [Local, ...Local[]];
    const values = [0, 1].map((vector) => {
      const value = inputs
        .map(({ plane, scale }, index) => {
          const loaded = plane.format.load(sources[index]!.get, 0, vector);
          return scale === 1 ? loaded : f32x4.mul(loaded, float32s(scale));
        })
        .reduce((total, next) => f32x4.add(total, next));
      return limited(value, { low, high: Infinity });
    });
    return countDown(rows, [
      pixels.map((pixel, index) => pixel.set(lines[index]!.get)),
      left.set(columns.get),
      countDown(left, [
        [target, ...sources].map((channels, index) => channels.set(pixels[index]!.get)),
        repeat(f, first.channels / 8, [
          output.format.store(target.get, values, 0, { low, high }),
          [target, ...sources].map((channels, index) => increment(channels, 8 * planes[index]!.format.bytes)),
        ]),
        pixels.map((pixel, index) => increment(pixel, planes[index]!.pixelBytes)),
      ]),
      lines.map((line, index) => advance(line, steps[index]!)),
    ]);
  }

  const terms = inputs.map(({ plane, scale }) => `${scale} ${planeKey(plane)}`);
  return {
    kernel: wasmFunction(
      `sum ${terms.join(' + ')} -> ${planeKey(output)} [${low}, ${high}]`,
      parameters,
      body,
    ),
    sizes: [first.height, first.width, ...planes.map(({ rowBytes }) => rowBytes)],
  };
}

/**
 * Fills with a 32-bit word what is in memory around the rows of a map.
 *
 * Parameters: address of what is before the first row, and its bytes; bytes of a row; bytes between two rows,
 * and how many times there are any; bytes behind the last row. What is filled has no bytes, or at least 8, even.
 */
export function fill(word: number): WasmFunction {
  const names = ['start', 'before', 'row', 'between', 'times', 'behind'] as const;
  return wasmFunction(`fill ${word}`, names, (f, { start, before, row, between, times, behind }) => {
    const last = f.i32();
    const store = (address: Code) => v128.store64Lane(address, int32s(word), 0);
    const fillNext = (bytes: Local) =>
      ifElse(
        bytes.get,
        [
          last.set(i32.add(start.get, i32.sub(bytes.get, i32.const(filledBytes)))),
          doWhile([store(start.get), increment(start, filledBytes)], i32.ltU(start.get, last.get)),
          store(last.get),
          start.set(i32.add(last.get, i32.const(filledBytes))),
        ],
        [],
      );
    return [
      fillNext(before),
      ifElse(times.get, countDown(times, [advance(start, row), fillNext(between)]), []),
      advance(start, row),
      fillNext(behind),
    ];
  });
}
