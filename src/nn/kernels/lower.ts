import type { Border } from '../../../wasm/plane.ts';
import type { Graph, GraphNode } from '../graph.ts';
import {
  type ConvLayer,
  type ConvWeights,
  type FloatConstant,
  type Layer,
  type Layers,
  type LayerWeights,
  type PadLayer,
  type PoolLayer,
  type Readout,
  type RowsColumns,
  type SumLayer,
  UnsupportedNetworkError,
  unlimited,
} from './layers.ts';

/**
 * Turns a graph into layers. Additions and activations join the layer whose result they alone
 * take; reshaping, transposition, concatenation and sigmoid become a matter of reading outputs.
 *
 * @throws UnsupportedNetworkError that names what the kernels lack.
 */
export function lower(graph: Graph): Layers & { readonly weights: LayerWeights } {
  const uses = countUses(graph);
  const layers: Layer[] = [];
  const weights = new Map<ConvLayer, ConvWeights>();
  const readouts = new Map<string, Readout>();
  const [input, ...others] = graph.inputs;
  if (!input || others.length > 0 || input.shape.length !== 4 || typeof input.shape[1] !== 'number')
    throw new UnsupportedNetworkError('expected one input of shape N×C×H×W');
  let value = input.name;
  let offsets: readonly number[] = Array(input.shape[1]).fill(0);

  /** The layer that makes a value, if it still can be changed: nothing else sees the value. */
  const pending = (name: string | undefined) =>
    uses.get(name!) === 1 ? layers.find((layer) => layer.output === name) : undefined;

  function addConv({ layer, constants }: { layer: ConvLayer; constants: ConvWeights }): void {
    layers.push(layer);
    weights.set(layer, constants);
  }

  function lowerAdd(node: GraphNode): void {
    const [first, second] = operands(node, 2);
    const constant = graph.initializers.get(second);
    if (constant) {
      if (first !== value || layers.length > 0 || constant.data.length !== offsets.length)
        throw unsupported(node, 'a constant is only added to the input');
      offsets = Array.from(constant.data as Float32Array);
      value = node.outputs[0]!;
      return;
    }
    for (const [own, residual] of [
      [second, first],
      [first, second],
    ] as const) {
      const layer = pending(own);
      if (layer?.op !== 'conv' || layer.residual || isActivated(layer)) continue;
      layer.residual = residual;
      layer.output = node.outputs[0]!;
      // The residual may have been made after the convolution.
      layers.push(...layers.splice(layers.indexOf(layer), 1));
      return;
    }
    layers.push({ op: 'sum', inputs: [first, second], output: node.outputs[0]!, ...unlimited });
  }

  function lowerActivation(node: GraphNode, low: number, high: number): void {
    const [name] = operands(node, 1);
    const layer = pending(name);
    if ((layer?.op === 'conv' || layer?.op === 'sum') && !isActivated(layer)) {
      Object.assign(layer, { low, high, output: node.outputs[0] });
    } else layers.push({ op: 'sum', inputs: [name], output: node.outputs[0]!, low, high });
  }

  function lowerPrelu(node: GraphNode): void {
    const [name, slopes] = operands(node, 2);
    const layer = pending(name);
    const { shape, data } = floatConstant(graph, node, slopes);
    if (layer?.op !== 'conv' || isActivated(layer))
      throw unsupported(node, 'only of what a convolution makes');
    if (String(shape) !== `${layer.filterShape[0]},1,1`) throw unsupported(node, 'only a slope a channel');
    Object.assign(layer, { prelu: true, output: node.outputs[0] });
    weights.get(layer)!.slopes = data;
  }

  for (const node of graph.nodes) {
    const [output] = node.outputs as [string];
    const [first] = node.inputs as [string];
    const readout = readouts.get(first);
    if (readout && !['Reshape', 'Concat', 'Sigmoid', 'Gemm'].includes(node.op))
      throw unsupported(node, 'it follows a change of layout');
    switch (node.op) {
      case 'Conv':
        addConv(convLayer(graph, node));
        break;
      case 'Gemm':
        addConv(gemmLayer(graph, node, readout));
        readouts.set(output, { ...mapAsRow(output), shape: [-1] });
        break;
      case 'Add':
        lowerAdd(node);
        break;
      case 'Relu':
        lowerActivation(node, 0, Infinity);
        break;
      case 'Clip':
        lowerActivation(node, ...clipLimits(graph, node));
        break;
      case 'PRelu':
        lowerPrelu(node);
        break;
      case 'MaxPool':
      case 'AveragePool':
      case 'GlobalAveragePool':
        layers.push(poolLayer(node));
        break;
      case 'Pad':
        layers.push(padLayer(graph, node));
        break;
      case 'Transpose':
        if (String(node.attributes.perm) !== '0,2,3,1') throw unsupported(node, 'only to channels last');
        readouts.set(output, { ...mapAsRow(first), channelsLast: true });
        break;
      case 'Reshape':
        readouts.set(output, { ...(readout ?? mapAsRow(first)), shape: reshaped(graph, node) });
        break;
      case 'Concat':
        readouts.set(output, concatenated(node, readouts));
        break;
      case 'Sigmoid':
        readouts.set(output, { ...(readout ?? mapAsRow(first)), sigmoid: true });
        break;
      default:
        throw unsupported(node, 'there is no kernel for it');
    }
  }
  return {
    input: { name: input.name, value, shape: input.shape.slice(1), offsets },
    layers,
    weights,
    gates: new Map(),
    outputs: new Map(graph.outputs.map(({ name }) => [name, readouts.get(name) ?? mapAsRow(name)])),
  };
}

/** True where a layer has an activation already, so that no other one can join it. */
const isActivated = (layer: ConvLayer | SumLayer): boolean =>
  layer.low > -Infinity || layer.high < Infinity || (layer.op === 'conv' && layer.prelu);

const mapAsRow = (map: string): Readout => ({ maps: [map], channelsLast: false, sigmoid: false });

function countUses(graph: Graph): Map<string, number> {
  const uses = new Map<string, number>();
  const names = [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map(({ name }) => name)];
  for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

function convLayer(graph: Graph, node: GraphNode): { layer: ConvLayer; constants: ConvWeights } {
  const [input, filtersName, bias] = node.inputs as [string, string, string?];
  const filters = floatConstant(graph, node, filtersName);
  const { shape } = filters;
  const group = integer(node, 'group', 1);
  const depthwise = group > 1;
  if (shape.length !== 4 || (depthwise && (shape[1] !== 1 || shape[0] !== group)))
    throw unsupported(node, 'only plain and depthwise convolutions of planes');
  const dilation = integers(node, 'dilations', [1, 1]) as unknown as RowsColumns;
  if (depthwise && dilation.some((step) => step !== 1))
    throw unsupported(node, 'it is depthwise and dilated');
  const layer: ConvLayer = {
    op: 'conv',
    input,
    output: node.outputs[0]!,
    filterShape: shape,
    depthwise,
    prelu: false,
    window: shape.slice(2) as unknown as RowsColumns,
    stride: integers(node, 'strides', [1, 1]) as unknown as RowsColumns,
    dilation,
    pads: border(node),
    ...unlimited,
  };
  return { layer, constants: { filters, bias: biasOf(graph, node, bias) } };
}

/** A fully connected layer is a 1×1 convolution of a plane of one pixel. */
function gemmLayer(
  graph: Graph,
  node: GraphNode,
  features: Readout | undefined,
): { layer: ConvLayer; constants: ConvWeights } {
  const [, matrix, bias] = node.inputs as [string, string, string?];
  const { shape, data } = floatConstant(graph, node, matrix);
  const [channelsIn, channelsOut] = shape as [number, number];
  const [map] = features?.maps ?? [];
  if (!map || features?.maps.length !== 1 || Object.keys(node.attributes).length > 0)
    throw unsupported(node, 'only rows of features times a matrix');
  const filterShape = [channelsOut, channelsIn, 1, 1];
  const filters = new Float32Array(data.length);
  for (let output = 0, index = 0; output < channelsOut; output++)
    for (let input = 0; input < channelsIn; input++) filters[index++] = data[input * channelsOut + output]!;
  const layer: ConvLayer = {
    op: 'conv',
    input: map,
    output: node.outputs[0]!,
    filterShape,
    depthwise: false,
    prelu: false,
    window: [1, 1],
    stride: [1, 1],
    dilation: [1, 1],
    pads: { top: 0, left: 0, bottom: 0, right: 0 },
    ...unlimited,
  };
  return {
    layer,
    constants: { filters: { shape: filterShape, data: filters }, bias: biasOf(graph, node, bias) },
  };
}

const biasOf = (graph: Graph, node: GraphNode, name: string | undefined): Float32Array | undefined =>
  name ? floatConstant(graph, node, name).data : undefined;

function poolLayer(node: GraphNode): PoolLayer {
  const pads = border(node);
  const padded = Object.values(pads).some((pad) => pad > 0);
  if (node.op !== 'MaxPool' && padded) throw unsupported(node, 'a mean over a border');
  if (integer(node, 'ceil_mode', 0) !== 0) throw unsupported(node, 'it rounds up');
  const window = integers(node, 'kernel_shape', []);
  return {
    op: 'pool',
    kind: node.op === 'MaxPool' ? 'max' : 'mean',
    input: node.inputs[0]!,
    output: node.outputs[0]!,
    ...(node.op !== 'GlobalAveragePool' && { window: window as unknown as RowsColumns }),
    stride: integers(node, 'strides', [1, 1]) as unknown as RowsColumns,
    pads,
  };
}

function padLayer(graph: Graph, node: GraphNode): PadLayer {
  const pads = Array.from(graph.initializers.get(node.inputs[1]!)?.data ?? [], Number);
  const behind = pads.slice(5);
  if (
    pads.length !== 8 ||
    node.inputs.length > 2 ||
    pads.slice(0, 5).some((pad) => pad !== 0) ||
    behind.some((pad) => pad < 0) ||
    (node.attributes.mode ?? 'constant') !== 'constant'
  )
    throw unsupported(node, 'only zeros behind channels, rows and columns');
  return {
    op: 'pad',
    input: node.inputs[0]!,
    output: node.outputs[0]!,
    by: behind as unknown as PadLayer['by'],
  };
}

function clipLimits(graph: Graph, node: GraphNode): [low: number, high: number] {
  const [low, high] = node.inputs.slice(1).map((name) => graph.initializers.get(name)?.data[0]);
  if (low === undefined || high === undefined) throw unsupported(node, 'its limits are not constant');
  return [Number(low), Number(high)];
}

function reshaped(graph: Graph, node: GraphNode): number[] {
  const shape = Array.from(graph.initializers.get(node.inputs[1]!)?.data ?? [], Number);
  if (shape[0] !== 0 || shape.slice(1).includes(0))
    throw unsupported(node, 'only within an item of the batch');
  return shape.slice(1);
}

function concatenated(node: GraphNode, readouts: ReadonlyMap<string, Readout>): Readout {
  const parts = node.inputs.map((name) => readouts.get(name));
  const [first] = parts;
  const alike = parts.every(
    (part) =>
      part?.shape?.[0] === -1 &&
      String(part.shape) === String(first?.shape) &&
      part.channelsLast === first?.channelsLast &&
      part.sigmoid === first.sigmoid,
  );
  if (!first || !alike || integer(node, 'axis', 1) !== 1)
    throw unsupported(node, 'only rows of reshaped maps');
  return { ...first, maps: parts.flatMap((part) => part?.maps ?? []) };
}

function operands(node: GraphNode, count: number): [string, string] {
  if (node.inputs.length < count) throw unsupported(node, `it lacks ${count} inputs`);
  return node.inputs as unknown as [string, string];
}

function floatConstant(graph: Graph, node: GraphNode, name: string): FloatConstant {
  const found = graph.initializers.get(name);
  // Compact values are not computed here only to be looked at.
  if (!found?.compact && !(found?.data instanceof Float32Array))
    throw unsupported(node, `${name} is no float32 constant`);
  return found as FloatConstant;
}

function border(node: GraphNode): Border {
  if ((node.attributes.auto_pad ?? 'NOTSET') !== 'NOTSET') throw unsupported(node, 'it has auto_pad');
  const [top, left, bottom, right] = integers(node, 'pads', [0, 0, 0, 0]) as [number, number, number, number];
  return { top, left, bottom, right };
}

function integer(node: GraphNode, name: string, absent: number): number {
  return (node.attributes[name] ?? absent) as number;
}

function integers(node: GraphNode, name: string, absent: readonly number[]): readonly number[] {
  return (node.attributes[name] ?? absent) as readonly number[];
}

function unsupported({ op, name }: GraphNode, why: string): UnsupportedNetworkError {
  return new UnsupportedNetworkError(`${op} ${name}: ${why}`);
}
