import { sameSize } from '../../build/networks/blocks.ts';
import { type ConvOptions, GraphBuilder } from '../../build/networks/graph-builder.ts';
import type { Weights } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/**
 * human's emotion network, the Xception of oarriaga's face_classification. It was trained on grey
 * pictures; the weighting of the colours is folded into its first filters.
 *
 * Input `image` [N, 3, 64, 64]: a square around the face, RGB, 0 to 255.
 * Output `logits` [N, 7]: angry, disgust, fear, happy, sad, surprise, neutral; their softmax is
 * the probabilities.
 */
export function emotion(weights: Weights): Graph {
  const graph = new GraphBuilder('emotion');
  const image = graph.input('image', ['N', 3, 64, 64]);

  let x = graph.relu('entry1/relu', graph.conv('entry1', image, { ...colourEntry(weights), stride: 2 }));
  const second = graph.conv('entry2', x, {
    filters: weights.filters(`${root}/conv2d_2/Conv2D_weights`, 3, 32, 64),
    bias: weights.tensor(`${root}/conv2d_2/Conv2D_bn_offset`, [64]).data,
  });
  x = graph.relu('entry2/relu', second);

  const first = block(graph, weights, 1, x, x, [64, 128]);
  const activated = graph.relu('block1/relu', first);
  x = block(graph, weights, 2, first, activated, [128, 256]);

  const classes = graph.conv('classes', x, {
    filters: weights.filters('unknown_43', 3, 256, 7),
    bias: weights.tensor('unknown_44', [7]).data,
    pads: sameSize,
  });
  graph.output(graph.reshape('logits', graph.globalAveragePool('pooled', classes), [0, -1]), ['N', 7]);
  return graph.build();
}

const root = 'StatefulPartitionedCall/model_1';

/** Names of the depthwise filters, which lost theirs when the network was converted. */
const depthwiseNames = ['unknown_9', 'unknown_15', 'unknown_26', 'unknown_32'] as const;

/** The weights of red, green and blue in luminance (ITU-R BT.601), with human's rounding. */
const luminance = [0.2989, 0.587, 0.114] as const;

/**
 * The first convolution, which saw 2·luminance/255 - 1, for colours of 0 to 255 instead. That is
 * exact since it is not padded.
 */
function colourEntry(weights: Weights): Required<Pick<ConvOptions, 'filters' | 'bias'>> {
  const taps = 9;
  const grey = weights.filters(`${root}/conv2d_1/Conv2D_weights`, 3, 1, 32).data;
  const colours = new Float32Array(32 * 3 * taps);
  const bias = weights.tensor(`${root}/conv2d_1/Conv2D_bn_offset`, [32]).data.slice();
  grey.forEach((weight, index) => {
    const channel = Math.floor(index / taps);
    const tap = index % taps;
    luminance.forEach((share, colour) => {
      colours[(channel * 3 + colour) * taps + tap] = (weight * share * 2) / 255;
    });
    bias[channel] = bias[channel]! - weight;
  });
  return { filters: { shape: [32, 3, 3, 3], data: colours }, bias };
}

/**
 * Halves the plane: two separable convolutions and max-pooling beside a strided 1×1 convolution.
 *
 * @param residual what the 1×1 convolution sees
 * @param activated what the separable convolutions see
 */
function block(
  graph: GraphBuilder,
  weights: Weights,
  index: 1 | 2,
  residual: string,
  activated: string,
  [channelsIn, channelsOut]: readonly [number, number],
): string {
  const name = `block${index}`;
  const first = separable(graph, weights, 2 * index - 1, activated, [channelsIn, channelsOut]);
  const relu = graph.relu(`${name}/relu1`, first);
  const second = separable(graph, weights, 2 * index, relu, [channelsOut, channelsOut]);
  // TensorFlow's `SAME` over the odd planes of 29 and 15 pads both sides.
  const pooled = graph.maxPool(`${name}/pooled`, second, { size: 3, stride: 2, pads: sameSize });
  const shortcut = graph.conv(`${name}/shortcut`, residual, {
    filters: weights.filters(`${root}/conv2d_${index + 2}/Conv2D_weights`, 1, channelsIn, channelsOut),
    bias: weights.tensor(`${root}/conv2d_${index + 2}/Conv2D_bn_offset`, [channelsOut]).data,
    stride: 2,
  });
  return graph.add(`${name}/sum`, pooled, shortcut);
}

/** A depthwise 3×3 and a 1×1 convolution; no activation. */
function separable(
  graph: GraphBuilder,
  weights: Weights,
  index: number,
  x: string,
  [channelsIn, channelsOut]: readonly [number, number],
): string {
  const stored = `${root}/separable_conv2d_${index}/separable_conv2d`;
  const depthwise = graph.conv(`separable${index}/depthwise`, x, {
    filters: weights.depthwiseFilters(depthwiseNames[index - 1] as string, 3, channelsIn),
    pads: sameSize,
    groups: channelsIn,
  });
  return graph.conv(`separable${index}`, depthwise, {
    filters: weights.filters(`${stored}_weights`, 1, channelsIn, channelsOut),
    bias: weights.tensor(`${stored}_bn_offset`, [channelsOut]).data,
  });
}
