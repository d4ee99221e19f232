import { halvesEven, sameSize } from '../../build/networks/blocks.ts';
import { GraphBuilder } from '../../build/networks/graph-builder.ts';
import type { Weights } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/**
 * MediaPipe's face mesh (Kartynnik et al. 2019, https://arxiv.org/abs/1907.06724), from human's graph
 * model, without its head for contours.
 *
 * Input `image` [N, 3, 192, 192]: a square around an upright face, RGB, 0 to 1.
 * Output `mesh` [N, 1404]: x, y and z of the 468 vertices of MediaPipe's canonical face model in turn,
 * in input pixels. Output `face` [N, 1]: probability that the square shows a face.
 */
export function facemesh(weights: Weights): Graph {
  const graph = new GraphBuilder('facemesh');
  const image = graph.input('image', ['N', 3, meshInputSide, meshInputSide]);
  let x = graph.conv('entry', image, {
    filters: weights.filters(stored('conv2d_1/Conv2D_weights'), 3, 3, 16),
    bias: weights.tensor(stored('conv2d_1/Conv2D_bn_offset'), [16]).data,
    stride: 2,
    pads: halvesEven,
  });
  x = activation(graph, weights, 1, x, 16);
  let channels = 16;
  body.forEach((channelsOut, index) => {
    // The first of every three blocks but the very first one halves the plane.
    x = block(graph, weights, sameNumbers(index + 1), x, channels, channelsOut, halving.has(index) ? 2 : 1);
    channels = channelsOut;
  });
  graph.output(graph.reshape('mesh', head(graph, weights, meshHead, x), [0, -1]), ['N', 1404]);
  const face = graph.reshape('face/logit', head(graph, weights, faceHead, x), [0, -1]);
  graph.output(graph.sigmoid('face', face), ['N', 1]);
  return graph.build();
}

const meshInputSide = 192;

const stored = (name: string): string => `StatefulPartitionedCall/model_1/${name}`;

/** Channels that each block makes. */
const body: readonly number[] = [16, 16, 32, 32, 32, 64, 64, 64, 128, 128, 128, 128, 128, 128];

/** The blocks, by index, that halve the plane. */
const halving: ReadonlySet<number> = new Set([2, 5, 8, 11]);

/** By which numbers the file knows the layers of a block. */
interface BlockNumbers {
  readonly depthwise: number;
  readonly pointwise: number;
  readonly activation: number;
}

/** A head: blocks, of which the first one halves the plane; fewer channels; a block; what is answered. */
interface Head {
  readonly name: string;
  readonly blocks: readonly BlockNumbers[];
  readonly narrowing: Omit<BlockNumbers, 'depthwise'>;
  readonly last: BlockNumbers;
  readonly answer: { readonly convolution: number; readonly values: number };
}

const sameNumbers = (block: number): BlockNumbers => ({
  depthwise: block,
  pointwise: block + 1,
  activation: block + 1,
});

const meshHead: Head = {
  name: 'mesh',
  blocks: [15, 16, 17].map(sameNumbers),
  narrowing: { pointwise: 19, activation: 19 },
  last: { depthwise: 18, pointwise: 20, activation: 20 },
  answer: { convolution: 21, values: 3 * 468 },
};

const faceHead: Head = {
  name: 'face',
  blocks: [{ depthwise: 23, pointwise: 28, activation: 26 }],
  narrowing: { pointwise: 29, activation: 27 },
  last: { depthwise: 24, pointwise: 30, activation: 28 },
  answer: { convolution: 31, values: 1 },
};

function head(graph: GraphBuilder, weights: Weights, { name, ...of }: Head, shared: string): string {
  let x = shared;
  of.blocks.forEach((numbers, index) => {
    x = block(graph, weights, numbers, x, 128, 128, index === 0 ? 2 : 1);
  });
  x = pointwise(graph, weights, of.narrowing.pointwise, x, 128, 32);
  x = activation(graph, weights, of.narrowing.activation, x, 32);
  x = block(graph, weights, of.last, x, 32, 32, 1);
  const { convolution, values } = of.answer;
  return graph.conv(`${name}/values`, x, {
    filters: weights.filters(stored(`conv2d_${convolution}/Conv2D/ReadVariableOp`), 3, 32, values),
    bias: weights.tensor(stored(`conv2d_${convolution}/BiasAdd/ReadVariableOp`), [values]).data,
    stride: 3,
  });
}

/** A separable convolution beside a shortcut, which is pooled and padded where the plane shrinks. */
function block(
  graph: GraphBuilder,
  weights: Weights,
  numbers: BlockNumbers,
  x: string,
  channelsIn: number,
  channelsOut: number,
  stride: 1 | 2,
): string {
  const name = `block${numbers.depthwise}`;
  let shortcut = stride === 2 ? graph.maxPool(`${name}/pooled`, x, { size: 2, stride: 2 }) : x;
  if (channelsOut > channelsIn) {
    shortcut = graph.padBehind(`${name}/padded`, shortcut, { channels: channelsOut - channelsIn });
  }
  const depthwise = graph.conv(`${name}/depthwise`, x, {
    filters: weights.depthwiseFilters(
      stored(`depthwise_conv2d_${numbers.depthwise}/depthwise/ReadVariableOp`),
      3,
      channelsIn,
    ),
    stride,
    pads: stride === 2 ? halvesEven : sameSize,
    groups: channelsIn,
  });
  const main = pointwise(graph, weights, numbers.pointwise, depthwise, channelsIn, channelsOut);
  const sum = graph.add(`${name}/sum`, main, shortcut);
  return activation(graph, weights, numbers.activation, sum, channelsOut);
}

function pointwise(
  graph: GraphBuilder,
  weights: Weights,
  number: number,
  x: string,
  channelsIn: number,
  channelsOut: number,
): string {
  return graph.conv(`pointwise${number}`, x, {
    filters: weights.filters(stored(`conv2d_${number}/Conv2D_weights`), 1, channelsIn, channelsOut),
    bias: weights.tensor(stored(`conv2d_${number}/Conv2D_bn_offset`), [channelsOut]).data,
  });
}

function activation(
  graph: GraphBuilder,
  weights: Weights,
  number: number,
  x: string,
  channels: number,
): string {
  const { data } = weights.tensor(stored(`p_re_lu_${number}/Neg`), [1, 1, channels]);
  return graph.prelu(`prelu${number}`, x, data);
}
