import { FlatTable } from '../../build/networks/flatbuffer.ts';

/**
 * Runs a TensorFlow Lite file as it is written, operator by operator, in its own layout (NHWC) and in
 * float64: what a recipe that was made of its weights is held to. It knows what MobileFaceNet.tflite uses.
 *
 * @param image values of the first input; its shape is the file's, whose batch is fixed
 * @returns values of the first output
 */
export function runTflite(file: Uint8Array, image: Float32Array): Float64Array {
  const model = FlatTable.root(file, 'TFL3');
  const operations = model.tables(1).map((code) => code.integer(3) || code.byte(0));
  const [graph] = model.tables(2) as [FlatTable];
  const buffers = model.tables(4).map((buffer) => buffer.bytes(0));
  const values = graph.tables(0).map((tensor): Values => {
    const bytes = buffers[tensor.integer(2)]!.slice();
    const isFloat = tensor.byte(1) === 0;
    return {
      shape: tensor.integers(0),
      data: isFloat ? Float64Array.from(new Float32Array(bytes.buffer)) : empty,
    };
  });
  const set = (index: number, data: Float64Array) => {
    values[index] = { ...values[index]!, data };
  };

  set(graph.integers(1)[0]!, Float64Array.from(image));
  for (const operator of graph.tables(3)) {
    const [target] = operator.integers(2) as [number];
    const [first, second, third] = operator.integers(1).map((index) => values[index]!) as [
      Values,
      Values,
      Values,
    ];
    const options = operator.table(4);
    const { shape } = values[target]!;
    const each = (of: (a: number, b: number) => number) => {
      const [a, b] = [first.data, (second ?? first).data];
      const result = new Float64Array(Math.max(a.length, b.length));
      for (let index = 0; index < result.length; index++)
        result[index] = of(a[index % a.length]!, b[index % b.length]!);
      return result;
    };
    switch (operations[operator.integer(0)]) {
      case 0:
        set(
          target,
          each((a, b) => a + b),
        );
        break;
      case 3:
        set(target, convolution(first, second, third, shape, windowOf(options!, [1, 2])));
        break;
      case 4:
        set(target, depthwiseConvolution(first, second, third, shape, windowOf(options!, [1, 2])));
        break;
      case 18:
        set(
          target,
          each((a, b) => a * b),
        );
        break;
      case 19:
        set(
          target,
          each((a) => Math.max(0, a)),
        );
        break;
      case 22:
        set(target, first.data);
        break;
      case 41:
        set(
          target,
          each((a, b) => a - b),
        );
        break;
      case 101:
        set(
          target,
          each((a) => Math.abs(a)),
        );
        break;
      default:
        throw new Error(`operator ${operations[operator.integer(0)]} is not known`);
    }
  }
  return values[graph.integers(2)[0]!]!.data;
}

interface Values {
  readonly shape: readonly number[];
  /** Empty before it is computed. */
  readonly data: Float64Array;
}

const empty = new Float64Array(0);

interface Window {
  readonly same: boolean;
  readonly strides: readonly [across: number, down: number];
}

/** Padding is the first option: 0 is `SAME`, 1 `VALID`. */
function windowOf(options: FlatTable, [across, down]: readonly [number, number]): Window {
  return { same: options.byte(0) === 0, strides: [options.integer(across), options.integer(down)] };
}

/** Where each window of an output lies: calls back for every row of a window that is inside the input. */
function forEachPixel(
  { shape: [, inputHeight, inputWidth] }: Values,
  [rows, columns]: readonly [number, number],
  [batch, height, width]: readonly number[],
  { same, strides: [across, down] }: Window,
  visit: (output: number, tap: number, pixel: number) => void,
): void {
  const before = (size: number, stride: number, window: number, extent: number) =>
    same ? Math.max(0, (size - 1) * stride + window - extent) >> 1 : 0;
  const top = before(height!, down, rows, inputHeight!);
  const left = before(width!, across, columns, inputWidth!);
  for (let output = 0; output < batch! * height! * width!; output++) {
    const y = (Math.floor(output / width!) % height!) * down - top;
    const x = (output % width!) * across - left;
    const item = Math.floor(output / (width! * height!)) * inputHeight!;
    for (let row = Math.max(0, -y); row < Math.min(rows, inputHeight! - y); row++)
      for (let column = Math.max(0, -x); column < Math.min(columns, inputWidth! - x); column++)
        visit(output, row * columns + column, (item + y + row) * inputWidth! + x + column);
  }
}

/** Filters are [out, height, width, in]. */
function convolution(input: Values, filters: Values, bias: Values, shape: readonly number[], window: Window) {
  const [out, rows, columns, channels] = filters.shape as [number, number, number, number];
  const result = biased(bias, shape);
  const { data } = input;
  const weights = filters.data;
  const length = rows * columns * channels;
  forEachPixel(input, [rows, columns], shape, window, (output, tap, pixel) => {
    for (let channel = 0; channel < out; channel++) {
      let [at, from] = [channel * length + tap * channels, pixel * channels];
      let sum = 0;
      for (const end = at + channels; at < end; ) sum += weights[at++]! * data[from++]!;
      result[output * out + channel]! += sum;
    }
  });
  return result;
}

/** Filters are [1, height, width, channels]. */
function depthwiseConvolution(
  input: Values,
  filters: Values,
  bias: Values,
  shape: readonly number[],
  window: Window,
) {
  const [, rows, columns, channels] = filters.shape as [number, number, number, number];
  const result = biased(bias, shape);
  forEachPixel(input, [rows, columns], shape, window, (output, tap, pixel) => {
    for (let channel = 0; channel < channels; channel++)
      result[output * channels + channel]! +=
        filters.data[tap * channels + channel]! * input.data[pixel * channels + channel]!;
  });
  return result;
}

function biased({ data }: Values, shape: readonly number[]): Float64Array {
  const result = new Float64Array(shape.reduce((product, size) => product * size, 1));
  for (let at = 0; at < result.length; at += data.length) result.set(data, at);
  return result;
}
