import { halvesEven, sameSize, scaled } from '../../build/networks/blocks.ts';
import { GraphBuilder, type Pads } from '../../build/networks/graph-builder.ts';
import type { Weights } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/**
 * BlazeFace for the back camera, from human's graph model but for inputs of any size: the network
 * is convolutional, and only the last reshaping of the original says 256×256.
 *
 * Input `image` [N, 3, H, W]: RGB, 0 to 255, H and W multiples of 32.
 * Outputs `logits16` [N, H/16·W/16·2, 1] and `boxes16` [N, H/16·W/16·2, 16]: for every cell of
 * 16 pixels, row by row, two anchors: the logit of a face, and centre x and y from the cell's
 * centre, width, height and six points in input pixels. `logits32` and `boxes32`: the same for cells
 * of 32 pixels with six anchors.
 */
export function blazefaceAnySize(weights: Weights): Graph {
  const graph = new GraphBuilder('blazeface-any-size');
  const image = graph.input('image', ['N', 3, 'H', 'W']);

  // (x - 127.5) / 127.5; the factor is left to the filters.
  const centred = graph.addPerChannel('centred', image, [-inputCentre, -inputCentre, -inputCentre]);
  let x = graph.conv('entry', centred, {
    filters: scaled(weights.filters('unknown', 5, 3, 24), 1 / inputCentre),
    bias: weights.tensor('unknown_0', [24]).data,
    stride: 2,
    pads: halvesEven5,
  });
  x = graph.relu('entry/relu', x);
  for (const [index, [channelsIn, channelsOut, stride]] of blocks.entries()) {
    x = block(graph, weights, index, x, channelsIn, channelsOut, stride);
  }
  const coarse = graph.relu('coarse/relu', separable(graph, weights, blocks.length, x, 96, 96, 2));

  predict(graph, 'logits16', x, weights, ['unknown_135', 'unknown_136'], 2, 1);
  predict(graph, 'logits32', coarse, weights, ['unknown_133', 'unknown_134'], 6, 1);
  predict(graph, 'boxes16', x, weights, ['unknown_131', 'unknown_132'], 2, 16);
  predict(graph, 'boxes32', coarse, weights, ['unknown_129', 'unknown_130'], 6, 16);
  return graph.build();
}

/** The value in the middle of the input's range. */
const inputCentre = 127.5;

/** TensorFlow's `SAME` for a 5×5 window at stride 2 over a plane of even size. */
const halvesEven5: Pads = [1, 1, 2, 2];

/** Channels in and out and stride of the residual blocks. */
const blocks: readonly [channelsIn: number, channelsOut: number, stride: 1 | 2][] = [
  ...repeated(7, 24),
  [24, 24, 2],
  ...repeated(7, 24),
  [24, 48, 2],
  ...repeated(7, 48),
  [48, 96, 2],
  ...repeated(7, 96),
];

function repeated(times: number, channels: number): [number, number, 1][] {
  return Array.from({ length: times }, () => [channels, channels, 1]);
}

/** A separable convolution beside a shortcut, which is pooled and padded where the plane shrinks. */
function block(
  graph: GraphBuilder,
  weights: Weights,
  index: number,
  x: string,
  channelsIn: number,
  channelsOut: number,
  stride: 1 | 2,
): string {
  const name = `block${index}`;
  let shortcut = stride === 2 ? graph.maxPool(`${name}/pooled`, x, { size: 2, stride: 2 }) : x;
  if (channelsOut > channelsIn) {
    shortcut = graph.padBehind(`${name}/padded`, shortcut, { channels: channelsOut - channelsIn });
  }
  const main = separable(graph, weights, index, x, channelsIn, channelsOut, stride);
  return graph.relu(`${name}/relu`, graph.add(`${name}/sum`, main, shortcut));
}

/** A depthwise 3×3 and a 1×1 convolution; their weights lost their names in a conversion. */
function separable(
  graph: GraphBuilder,
  weights: Weights,
  index: number,
  x: string,
  channelsIn: number,
  channelsOut: number,
  stride: 1 | 2,
): string {
  const stored = (tensor: number) => `unknown_${4 * index + tensor}`;
  const depthwise = graph.conv(`block${index}/depthwise`, x, {
    filters: weights.depthwiseFilters(stored(1), 3, channelsIn),
    stride,
    pads: stride === 2 ? halvesEven : sameSize,
    groups: channelsIn,
  });
  return graph.conv(`block${index}/pointwise`, depthwise, {
    filters: weights.filters(stored(3), 1, channelsIn, channelsOut),
    bias: weights.tensor(stored(4), [channelsOut]).data,
  });
}

/** An output with a row of `values` for each of a cell's anchors. */
function predict(
  graph: GraphBuilder,
  name: string,
  x: string,
  weights: Weights,
  [filters, bias]: readonly [string, string],
  anchors: number,
  values: number,
): void {
  const plane = graph.conv(`${name}/plane`, x, {
    filters: weights.filters(filters, 1, 96, anchors * values),
    bias: weights.tensor(bias, [anchors * values]).data,
  });
  const last = graph.transpose(`${name}/last`, plane, [0, 2, 3, 1]);
  graph.output(graph.reshape(name, last, [0, -1, values]), ['N', 'P', values]);
}
