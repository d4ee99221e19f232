import { splitTfjsModel } from '../../src/nn/tfjs-model.ts';
import { decodeTfjsWeights } from '../../src/nn/tfjs-weights.ts';

/** A node of `modelTopology`, as TensorFlow.js graph models store it. */
interface Node {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: {
    readonly strides?: { readonly list: { readonly i: readonly string[] } };
    /** Base64 of `SAME` or `VALID`. */
    readonly padding?: { readonly s: string };
  };
}

type Plane = readonly [height: number, width: number];

/** Operators with filters of [height, width, in, out] as their second input. */
const convolutions = new Set([
  'Conv2D',
  '_FusedConv2D',
  'DepthwiseConv2dNative',
  'FusedDepthwiseConv2dNative',
]);

/** Operators that keep the planes of their first input. */
const elementwise = new Set(['Add', 'AddV2', 'Mul', 'Relu', 'Relu6', 'Minimum', 'Maximum', 'Identity']);

const same = 'U0FNRQ==';

/**
 * Multiply-accumulates of the convolutions of a TensorFlow.js graph model (see `joinTfjsModel`) for
 * one picture of `side` × `side`, and its parameters.
 *
 * @throws Error where a convolution's input comes through an operator whose planes are not known.
 */
export function tfjsCost(model: Uint8Array, side: number): { macs: number; parameters: number } {
  const { description, weights } = splitTfjsModel(model);
  const constants = decodeTfjsWeights(description.weightsManifest, weights);
  const { node: nodes } = description.modelTopology as { node: readonly Node[] };
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const planes = new Map<string, Plane>();

  /** Height and width of what a node makes. */
  function planeOf(name: string): Plane {
    const known = planes.get(name);
    if (known) return known;
    const node = byName.get(name);
    if (!node) throw new Error(`there is no node ${name}`);
    const plane: Plane = node.op === 'Placeholder' ? [side, side] : planeAfter(node);
    planes.set(name, plane);
    return plane;
  }

  function planeAfter(node: Node): Plane {
    const [first = '', second = ''] = node.input ?? [];
    const plane = planeOf(first);
    const strides = node.attr?.strides?.list.i.slice(1, 3).map(Number);
    if (node.op === 'Pad') {
      const pads = constants.get(second)?.data ?? [];
      return [plane[0] + (pads[2] ?? 0) + (pads[3] ?? 0), plane[1] + (pads[4] ?? 0) + (pads[5] ?? 0)];
    }
    if (elementwise.has(node.op)) return plane;
    if (!strides) throw new Error(`${node.name}: the operator ${node.op} is not known`);
    const window = constants.get(second)?.shape ?? [1, 1];
    return plane.map((length, axis) => {
      const stride = strides[axis]!;
      if (node.attr?.padding?.s === same) return Math.ceil(length / stride);
      // A pool's window is its stride here.
      const size = convolutions.has(node.op) ? window[axis]! : stride;
      return Math.floor((length - size) / stride) + 1;
    }) as unknown as Plane;
  }

  let macs = 0;
  for (const node of nodes) {
    if (!convolutions.has(node.op)) continue;
    const filters = constants.get(node.input?.[1] ?? '');
    if (!filters) throw new Error(`${node.name}: its filters are not constant`);
    const [height, width] = planeOf(node.name);
    macs += height * width * filters.data.length;
  }
  const parameters = [...constants.values()].reduce((sum, { data }) => sum + data.length, 0);
  return { macs, parameters };
}
