import type { Graph, GraphNode, Initializer } from '../../src/nn/graph.ts';

export type TensorShape = readonly number[];

/**
 * The shape of every value of a graph (inputs, constants and what nodes make) for inputs of given
 * shapes. Knows the operators that recipes write.
 *
 * @throws Error where an operator is not known, an input is missing or shapes do not fit.
 */
export function inferShapes(
  graph: Graph,
  inputs: Readonly<Record<string, TensorShape>>,
): Map<string, TensorShape> {
  const shapes = new Map<string, TensorShape>();
  for (const [name, { shape }] of graph.initializers) shapes.set(name, shape);
  for (const { name } of graph.inputs) shapes.set(name, required(inputs[name], `a shape for input ${name}`));
  for (const node of graph.nodes) {
    const of = node.inputs.map((name) =>
      required(shapes.get(name), `${node.name}: a value ${name} before it`),
    );
    shapes.set(
      required(node.outputs[0], `${node.name}: an output`),
      outputShape(node, of, graph.initializers),
    );
  }
  return shapes;
}

function outputShape(
  node: GraphNode,
  of: readonly TensorShape[],
  constants: Graph['initializers'],
): TensorShape {
  const x = required(of[0], `${node.name}: an input`);
  switch (node.op) {
    case 'Relu':
    case 'PRelu':
    case 'Clip':
    case 'Sigmoid':
      return x;
    case 'Add':
      return broadcast(node, x, required(of[1], `${node.name}: a second input`));
    case 'Conv':
      return [size(x, 0), size(required(of[1], `${node.name}: filters`), 0), ...windows(node, x)];
    case 'MaxPool':
    case 'AveragePool':
      return [size(x, 0), size(x, 1), ...windows(node, x)];
    case 'GlobalAveragePool':
      return [size(x, 0), size(x, 1), 1, 1];
    case 'Gemm':
      return [size(x, 0), size(required(of[1], `${node.name}: a matrix`), 1)];
    case 'Pad': {
      const pads = integers(node, constants);
      return x.map((length, axis) => length + size(pads, axis) + size(pads, axis + x.length));
    }
    case 'Transpose':
      return list(node, 'perm').map((axis) => size(x, axis));
    case 'Reshape':
      return reshaped(node, x, integers(node, constants));
    case 'Concat': {
      const axis = node.attributes.axis as number;
      const total = of.reduce((sum, shape) => sum + size(shape, axis), 0);
      return x.map((length, index) => (index === axis ? total : length));
    }
    default:
      throw new Error(`${node.name}: the operator ${node.op} is not known`);
  }
}

/** Height and width of what a sliding window makes. */
function windows(node: GraphNode, x: TensorShape): TensorShape {
  const kernel = list(node, 'kernel_shape');
  const strides = list(node, 'strides');
  const pads = list(node, 'pads');
  const dilations = (node.attributes.dilations ?? [1, 1]) as TensorShape;
  return [0, 1].map((axis) => {
    const padded = size(x, axis + 2) + size(pads, axis) + size(pads, axis + 2);
    const window = (size(kernel, axis) - 1) * size(dilations, axis) + 1;
    const count = Math.floor((padded - window) / size(strides, axis)) + 1;
    if (count < 1) throw new Error(`${node.name}: the input [${x}] is smaller than the window`);
    return count;
  });
}

function broadcast(node: GraphNode, first: TensorShape, second: TensorShape): TensorShape {
  const rank = Math.max(first.length, second.length);
  return Array.from({ length: rank }, (_, axis) => {
    const a = first[axis - rank + first.length] ?? 1;
    const b = second[axis - rank + second.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1) throw new Error(`${node.name}: [${first}] and [${second}] do not fit`);
    return Math.max(a, b);
  });
}

function reshaped(node: GraphNode, x: TensorShape, target: TensorShape): TensorShape {
  const kept = target.map((length, axis) => (length === 0 ? size(x, axis) : length));
  const count = x.reduce((product, length) => product * length, 1);
  const known = kept.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const shape = kept.map((length) => (length === -1 ? count / known : length));
  if (shape.reduce((product, length) => product * length, 1) !== count || !shape.every(Number.isInteger)) {
    throw new Error(`${node.name}: [${x}] does not fit into [${target}]`);
  }
  return shape;
}

/** The whole numbers that a node has as its second input. */
function integers(node: GraphNode, constants: ReadonlyMap<string, Initializer>): TensorShape {
  const { data } = required(constants.get(node.inputs[1] ?? ''), `${node.name}: a constant second input`);
  return Array.from(data, Number);
}

function list(node: GraphNode, attribute: string): TensorShape {
  const value = node.attributes[attribute];
  if (!Array.isArray(value)) throw new Error(`${node.name}: expected a list as ${attribute}`);
  return value;
}

function size(shape: TensorShape, axis: number): number {
  return required(shape[axis], `a dimension ${axis} of [${shape}]`);
}

function required<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`expected ${what}`);
  return value;
}
