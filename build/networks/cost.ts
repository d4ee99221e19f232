import type { Graph } from '../../src/nn/graph.ts';
import { inferShapes, type TensorShape } from './shapes.ts';

/** The cost of running one node of a graph. */
export interface NodeCost {
  readonly name: string;
  readonly op: string;
  /** Of what it makes. */
  readonly shape: TensorShape;
  /** Multiply-accumulate operations; 0 for operators that only move, add or compare. */
  readonly macs: number;
  /** Bytes of float32 values that it reads and writes at least once: inputs, weights, output. */
  readonly bytes: number;
}

/**
 * The cost of every node of a graph for inputs of given shapes, in the order of execution.
 *
 * @throws Error see {@link inferShapes}.
 */
export function nodeCosts(graph: Graph, inputs: Readonly<Record<string, TensorShape>>): NodeCost[] {
  const shapes = inferShapes(graph, inputs);
  return graph.nodes.map(({ name, op, inputs: from, outputs: [to = ''] }) => {
    const shape = shapes.get(to)!;
    const values = [...from, to].map((value) => product(shapes.get(value)!));
    return {
      name,
      op,
      shape,
      macs: op === 'Conv' || op === 'Gemm' ? product(shape) * macsPerOutput(op, shapes.get(from[1]!)!) : 0,
      bytes: 4 * values.reduce((sum, count) => sum + count, 0),
    };
  });
}

/** Filters are [out, in / groups, height, width], a matrix is [in, out]. */
function macsPerOutput(op: 'Conv' | 'Gemm', weights: TensorShape): number {
  return op === 'Conv' ? product(weights.slice(1)) : weights[0]!;
}

function product(shape: TensorShape): number {
  return shape.reduce((result, length) => result * length, 1);
}
