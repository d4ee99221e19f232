import { compactTensor } from './compact.ts';
import {
  type Attribute,
  type Graph,
  type GraphNode,
  type GraphValue,
  type Initializer,
  type Range,
  rangesKey,
} from './graph.ts';
import { type Message, readMessage } from './protobuf-reader.ts';

/**
 * Reads as much of an ONNX model as {@link Graph} holds. Field numbers are those of `onnx.proto`
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 *
 * @throws RangeError where the bytes are no ONNX model or it has what a graph cannot say.
 */
export function readOnnx(model: Uint8Array): Graph {
  const { file, graph } = openModel(model);
  const ranges = file.messages(14).find((entry) => entry.text(1) === rangesKey);
  const tensors = tensorsOf(graph);
  const { nodes, initializers } = withConstants(graph.messages(1).map(readNode), tensors);
  return {
    name: graph.text(2),
    inputs: graph
      .messages(11)
      .map(readValue)
      .filter(({ name }) => !tensors.has(name)),
    outputs: graph.messages(12).map(readValue),
    nodes,
    initializers,
    ...(ranges && { ranges: readRanges(ranges.text(2)) }),
  };
}

/**
 * The constant tensors of an ONNX model, whatever its operators are.
 *
 * @throws RangeError where the bytes are no ONNX model or a tensor is of a type that a graph cannot have.
 */
export function readOnnxTensors(model: Uint8Array): Map<string, StoredTensor> {
  return tensorsOf(openModel(model).graph);
}

function openModel(model: Uint8Array): { file: Message; graph: Message } {
  const file = readMessage(model);
  const graph = file.message(7);
  if (!graph) throw new RangeError('no ONNX model: there is no graph');
  return { file, graph };
}

function tensorsOf(graph: Message): Map<string, StoredTensor> {
  return new Map(graph.messages(5).map((tensor) => [tensor.text(8), readTensor(tensor)]));
}

/** A tensor of the file; of 16-bit floats its bits. */
interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Initializer['data'] | Uint16Array;
}

/** Makes constants of nodes that only widen a tensor of fewer bits, see {@link Initializer.compact}. */
function withConstants(nodes: readonly GraphNode[], tensors: ReadonlyMap<string, StoredTensor>) {
  const widened = new Map<string, Initializer>();
  const spent = new Set<string>();
  const others = nodes.filter((node) => {
    const constant = widenedBy(node, tensors);
    if (constant) {
      widened.set(node.outputs[0]!, constant);
      for (const name of node.inputs) spent.add(name);
    }
    return !constant;
  });
  for (const { inputs } of others) for (const name of inputs) spent.delete(name);
  const initializers = new Map(widened);
  for (const [name, { shape, data }] of tensors) {
    if (spent.has(name)) continue;
    if (data instanceof Uint16Array) throw new RangeError(`tensor ${name}: 16-bit floats are not known`);
    initializers.set(name, { shape, data });
  }
  return { nodes: others, initializers };
}

function widenedBy(
  { op, inputs, attributes }: GraphNode,
  tensors: ReadonlyMap<string, StoredTensor>,
): Initializer | undefined {
  const [values, scale, zero] = inputs.map((name) => tensors.get(name));
  if (!values) return undefined;
  const { shape, data } = values;
  if (op === 'Cast' && attributes.to === 1 && data instanceof Uint16Array)
    return compactTensor(shape, { halves: data });
  if (op !== 'DequantizeLinear' || !(data instanceof Uint8Array && scale?.data instanceof Float32Array))
    return undefined;
  const perRow = attributes.axis === 0 && scale.data.length === shape[0];
  if (scale.data.length !== 1 && !perRow) return undefined;
  const [zeroPoint = 0, ...others] = Array.from(zero?.data ?? [], Number);
  if (others.some((other) => other !== zeroPoint)) return undefined;
  return compactTensor(shape, { codes: data, zeroPoint, scales: scale.data });
}

function readRanges(json: string): Map<string, Range> {
  try {
    const entries = JSON.parse(json) as [string, Range][];
    const fits = ([name, { low, high }]: [string, Range]) =>
      typeof name === 'string' && Number.isFinite(low) && Number.isFinite(high) && low <= high;
    if (entries.every(fits)) return new Map(entries);
  } catch {
    // Neither JSON nor a list: said below.
  }
  throw new RangeError(`${rangesKey}: expected a list of names with their low and high`);
}

function readNode(node: Message): GraphNode {
  return {
    inputs: node.texts(1),
    outputs: node.texts(2),
    name: node.text(3),
    op: node.text(4),
    attributes: Object.fromEntries(
      node.messages(5).map((attribute) => [attribute.text(1), readAttribute(attribute)]),
    ),
  };
}

/** The forms of `AttributeProto.AttributeType` that a graph knows. */
function readAttribute(attribute: Message): Attribute {
  const type = attribute.integer(20);
  if (type === 1) return { float: attribute.float(2) };
  if (type === 2) return attribute.integer(3);
  if (type === 3) return attribute.text(4);
  if (type === 7) return attribute.integers(8);
  throw new RangeError(`attribute ${attribute.text(1)}: type ${type} is not known`);
}

function readTensor(tensor: Message): StoredTensor {
  const shape = tensor.integers(1);
  const count = shape.reduce((product, size) => product * size, 1);
  const data = tensorData(tensor.integer(2), tensor.bytes(9));
  if (data.length !== count) {
    throw new RangeError(`tensor ${tensor.text(8)}: shape [${shape}] does not hold ${data.length} values`);
  }
  return { shape, data };
}

/** By `TensorProto.DataType`. */
function tensorData(type: number, bytes: Uint8Array): StoredTensor['data'] {
  if (type === 2) return bytes;
  // A copy starts at a multiple of every element's size.
  const { buffer } = new Uint8Array(bytes);
  if (type === 1) return new Float32Array(buffer);
  if (type === 3) return new Int8Array(buffer);
  if (type === 6) return new Int32Array(buffer);
  if (type === 7) return new BigInt64Array(buffer);
  if (type === 10) return new Uint16Array(buffer);
  throw new RangeError(`tensor of type ${type}: not known`);
}

function readValue(value: Message): GraphValue {
  const dimensions = value.message(2)?.message(1)?.message(2)?.messages(1) ?? [];
  return {
    name: value.text(1),
    shape: dimensions.map((dimension) => dimension.text(2) || dimension.integer(1)),
  };
}
