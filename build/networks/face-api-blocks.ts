/**
 * Blocks that several of face-api's networks share. Their definition is the package's `src/`
 * (https://github.com/vladmandic/face-api), where tensors are NHWC; here they are NCHW.
 */
import { halvesEven, sameSize, scaled } from './blocks.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { Weights } from './weights.ts';

/** Side of the input of the landmark, age and expression networks, in pixels. */
export const faceInputSize = 112;

/** The mean that the networks were trained to have subtracted from red, green and blue (0 to 255). */
export const meanRgb = [122.782, 117.001, 104.298] as const;

/**
 * Subtracts the mean from an input of 0 to 255. It is a node of its own since the convolution
 * behind it pads with zeros, which stand for the mean; the division by 255 is left to the filters.
 */
function subtractMean(graph: GraphBuilder, image: string): string {
  return graph.addPerChannel(
    'centred',
    image,
    meanRgb.map((mean) => -mean),
  );
}

/** A depthwise 3×3 convolution, then a 1×1 convolution with bias; no activation. */
export function separableConv(
  graph: GraphBuilder,
  weights: Weights,
  name: string,
  x: string,
  [channelsIn, channelsOut]: readonly [number, number],
  stride: 1 | 2 = 1,
): string {
  const depthwise = graph.conv(`${name}/depthwise`, x, {
    filters: weights.depthwiseFilters(`${name}/depthwise_filter`, 3, channelsIn),
    stride,
    pads: stride === 1 ? sameSize : halvesEven,
    groups: channelsIn,
  });
  return graph.conv(name, depthwise, {
    filters: weights.filters(`${name}/pointwise_filter`, 1, channelsIn, channelsOut),
    bias: weights.tensor(`${name}/bias`, [channelsOut]).data,
  });
}

/** The first convolution of a 112×112 network: 3×3 at stride 2, 3 to 32 channels, then ReLU. */
export function entryConv(graph: GraphBuilder, weights: Weights, name: string, image: string): string {
  const conv = graph.conv(name, subtractMean(graph, image), {
    filters: scaled(weights.filters(`${name}/filters`, 3, 3, 32), 1 / 255),
    bias: weights.tensor(`${name}/bias`, [32]).data,
    stride: 2,
    pads: halvesEven,
  });
  return graph.relu(`${name}/relu`, conv);
}

/** The mean of every plane as a row: [N, C, H, W] becomes [N, C]. */
export function pooledRow(graph: GraphBuilder, x: string): string {
  return graph.reshape('features', graph.globalAveragePool('pooled', x), [0, -1]);
}

/**
 * face-api's FaceFeatureExtractor: four densely connected blocks of 32, 64, 128 and 256 channels,
 * each at half the size of the one before; [N, 3, 112, 112] becomes [N, 256].
 */
export function faceFeatures(graph: GraphBuilder, weights: Weights, image: string): string {
  let x = denseBlock(graph, weights, 'dense0', entryConv(graph, weights, 'dense0/conv0', image), 32);
  for (const [index, channels] of [64, 128, 256].entries()) {
    const block = `dense${index + 1}`;
    const conv = separableConv(graph, weights, `${block}/conv0`, x, [channels / 2, channels], 2);
    x = denseBlock(graph, weights, block, graph.relu(`${block}/conv0/relu`, conv), channels);
  }
  return pooledRow(graph, x);
}

/** Three convolutions, each of which sees the ReLU of the sum of all before it. */
function denseBlock(
  graph: GraphBuilder,
  weights: Weights,
  block: string,
  first: string,
  channels: number,
): string {
  let sum = first;
  let activated = first;
  for (const index of [1, 2, 3]) {
    const conv = separableConv(graph, weights, `${block}/conv${index}`, activated, [channels, channels]);
    sum = graph.add(`${block}/sum${index}`, sum, conv);
    activated = graph.relu(`${block}/sum${index}/relu`, sum);
  }
  return activated;
}

/** A fully connected layer on rows of features. */
export function fullyConnected(
  graph: GraphBuilder,
  weights: Weights,
  name: string,
  stored: string,
  features: string,
  [channelsIn, channelsOut]: readonly [number, number],
): string {
  return graph.gemm(
    name,
    features,
    weights.tensor(`${stored}/weights`, [channelsIn, channelsOut]),
    weights.tensor(`${stored}/bias`, [channelsOut]).data,
  );
}
