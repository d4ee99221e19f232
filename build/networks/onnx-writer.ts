import {
  type Attribute,
  type Graph,
  type GraphNode,
  type GraphValue,
  type Initializer,
  opset,
  rangesKey,
} from '../../src/nn/graph.ts';
import {
  bytesField,
  encodeMessage,
  type Field,
  floatField,
  integerField,
  messageField,
  textField,
} from './protobuf.ts';

/**
 * Serialises a graph as an ONNX model. Field numbers are those of `onnx.proto`
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
export function writeOnnx(graph: Graph): Uint8Array {
  return encodeMessage([
    integerField(1, irVersion),
    textField(2, 'phiz'),
    messageField(7, graphFields(graph)),
    messageField(8, [integerField(2, opset)]),
    ...(graph.ranges ? [messageField(14, metadata(rangesKey, JSON.stringify([...graph.ranges])))] : []),
  ]);
}

/** `StringStringEntryProto` */
const metadata = (key: string, value: string): Field[] => [textField(1, key), textField(2, value)];

/** The version of the file format that came with opset 17 (ONNX 1.12). */
const irVersion = 8;

/** `TensorProto.DataType` */
const dataType = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;

/** `AttributeProto.AttributeType` */
const attributeType = { float: 1, integer: 2, text: 3, integers: 7 } as const;

function graphFields(graph: Graph): Field[] {
  const constants = [...graph.initializers].map(([name, value]) => constantOf(name, value));
  return [
    ...constants.flatMap(({ node }) => (node ? [messageField(1, nodeFields(node))] : [])),
    ...graph.nodes.map((node) => messageField(1, nodeFields(node))),
    textField(2, graph.name),
    ...constants.flatMap(({ tensors }) => tensors.map((fields) => messageField(5, fields))),
    ...graph.inputs.map((value) => messageField(11, valueFields(value))),
    ...graph.outputs.map((value) => messageField(12, valueFields(value))),
  ];
}

/** A constant: a tensor, or what it is kept as and the node that makes it of that. */
function constantOf(name: string, value: Initializer): { tensors: readonly Field[][]; node?: GraphNode } {
  const { shape, compact } = value;
  if (!compact) return { tensors: [tensorFields(name, value)] };
  if ('halves' in compact) {
    const halves = `${name}/halves`;
    return {
      tensors: [tensorFields(halves, { shape, data: compact.halves })],
      node: { op: 'Cast', name, inputs: [halves], outputs: [name], attributes: { to: dataType.float32 } },
    };
  }
  const { codes, scales, zeroPoint } = compact;
  const parts = ['codes', 'scale', 'zero'].map((part) => `${name}/${part}`) as [string, string, string];
  const perRow = scales.length === 1 ? [] : [scales.length];
  return {
    tensors: [
      tensorFields(parts[0], { shape, data: codes }),
      tensorFields(parts[1], { shape: perRow, data: scales }),
      tensorFields(parts[2], { shape: perRow, data: new Uint8Array(scales.length).fill(zeroPoint) }),
    ],
    node: { op: 'DequantizeLinear', name, inputs: parts, outputs: [name], attributes: { axis: 0 } },
  };
}

function nodeFields(node: GraphNode): Field[] {
  return [
    ...node.inputs.map((name) => textField(1, name)),
    ...node.outputs.map((name) => textField(2, name)),
    textField(3, node.name),
    textField(4, node.op),
    ...Object.entries(node.attributes).map(([name, value]) => messageField(5, attributeFields(name, value))),
  ];
}

function attributeFields(name: string, value: Attribute): Field[] {
  const label = textField(1, name);
  if (typeof value === 'number')
    return [label, integerField(3, value), integerField(20, attributeType.integer)];
  if (typeof value === 'string') return [label, textField(4, value), integerField(20, attributeType.text)];
  if ('float' in value) return [label, floatField(2, value.float), integerField(20, attributeType.float)];
  return [label, ...value.map((item) => integerField(8, item)), integerField(20, attributeType.integers)];
}

function tensorFields(
  name: string,
  { shape, data }: { shape: readonly number[]; data: Initializer['data'] | Uint16Array },
): Field[] {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length)
    throw new RangeError(`${name}: shape [${shape}] does not hold ${data.length} values`);
  return [
    ...shape.map((size) => integerField(1, size)),
    integerField(2, typeOf(data)),
    textField(8, name),
    bytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function typeOf(data: Initializer['data'] | Uint16Array): number {
  if (data instanceof Uint16Array) return dataType.float16;
  if (data instanceof Float32Array) return dataType.float32;
  if (data instanceof Int32Array) return dataType.int32;
  if (data instanceof BigInt64Array) return dataType.int64;
  return data instanceof Uint8Array ? dataType.uint8 : dataType.int8;
}

function valueFields({ name, shape }: GraphValue): Field[] {
  const dimensions = shape.map((size) =>
    messageField(1, [typeof size === 'number' ? integerField(1, size) : textField(2, size)]),
  );
  const tensorType = [integerField(1, dataType.float32), messageField(2, dimensions)];
  return [textField(1, name), messageField(2, [messageField(1, tensorType)])];
}
