import {
  type ConvLayer,
  type Layer,
  type Layers,
  type PoolLayer,
  type RowsColumns,
  UnsupportedNetworkError,
} from './layers.ts';

/** Channels, rows and columns of a map. */
export type MapShape = readonly [channels: number, height: number, width: number];

/** The number of values of a shape. */
export const product = (sizes: readonly number[]): number => sizes.reduce((result, size) => result * size, 1);

/** The shape of every map, by name. @throws RangeError, UnsupportedNetworkError */
export function mapShapes(
  { input, layers }: Pick<Layers, 'input' | 'layers'>,
  inputShape: MapShape,
): Map<string, MapShape> {
  const shapes = new Map([[input.value, inputShape]]);
  for (const layer of layers) shapes.set(layer.output, outputShape(layer, shapes));
  return shapes;
}

function outputShape(layer: Layer, shapes: ReadonlyMap<string, MapShape>): MapShape {
  const [channels, height, width] = shapes.get(layer.op === 'sum' ? layer.inputs[0]! : layer.input)!;
  switch (layer.op) {
    case 'sum':
      for (const name of layer.inputs) expectShape(layer, shapes.get(name), [channels, height, width]);
      return [channels, height, width];
    case 'pad':
      return [channels + layer.by[0], height + layer.by[1], width + layer.by[2]];
    case 'pool':
    case 'conv': {
      if (layer.op === 'pool' && !layer.window) return [channels, 1, 1];
      const { stride, pads } = layer;
      const [tall, wide] = windowOf(layer);
      const rows = Math.floor((height + pads.top + pads.bottom - tall) / stride[0]) + 1;
      const columns = Math.floor((width + pads.left + pads.right - wide) / stride[1]) + 1;
      if (rows < 1 || columns < 1)
        throw new RangeError(`${layer.output}: the input is too small for the network`);
      const shape: MapShape = [layer.op === 'conv' ? layer.filterShape[0]! : channels, rows, columns];
      if (layer.op === 'conv') {
        expectShape(
          layer,
          [layer.filterShape[layer.depthwise ? 0 : 1]!, height, width],
          [channels, height, width],
        );
        if (layer.residual) expectShape(layer, shapes.get(layer.residual), shape);
      }
      return shape;
    }
  }
}

function expectShape({ output }: Layer, found: MapShape | undefined, expected: MapShape): void {
  if (!found?.every((size, index) => size === expected[index]))
    throw new UnsupportedNetworkError(`${output}: expected a map of [${expected}], found [${found}]`);
}

/** Rows and columns from a window's first to its last, both included. */
export function windowOf(layer: ConvLayer | PoolLayer): RowsColumns {
  const [rows, columns] = layer.window!;
  if (layer.op === 'pool') return [rows, columns];
  const [down, right] = layer.dilation;
  return [(rows - 1) * down + 1, (columns - 1) * right + 1];
}
