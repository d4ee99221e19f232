import { sameSize, scaled } from '../../build/networks/blocks.ts';
import { meanRgb } from '../../build/networks/face-api-blocks.ts';
import { type ConvOptions, GraphBuilder } from '../../build/networks/graph-builder.ts';
import type { Weights } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/**
 * dlib's face recognition network (`dlib_face_recognition_resnet_model_v1`) as face-api stores it:
 * a residual network of 29 convolutions.
 *
 * Input `image` [N, 3, 150, 150]: dlib's aligned chip (the face with a quarter of its size as
 * margin), RGB, 0 to 255.
 * Output `embedding` [N, 128]: not normalised; of one person at most about 0.6 apart.
 */
export function faceRecognition(weights: Weights): Graph {
  const graph = new GraphBuilder('face-recognition');
  const image = graph.input('image', ['N', 3, 150, 150]);

  let x = graph.conv('conv32_down', image, { ...normalisedEntry(weights), stride: 2 });
  x = graph.maxPool('pool', graph.relu('conv32_down/relu', x), { size: 3, stride: 2 });

  x = residual(graph, weights, 'conv32_1', x, 32);
  x = residual(graph, weights, 'conv32_2', x, 32);
  x = residual(graph, weights, 'conv32_3', x, 32);

  x = residualDown(graph, weights, 'conv64_down', x, [32, 64]);
  x = residual(graph, weights, 'conv64_1', x, 64);
  x = residual(graph, weights, 'conv64_2', x, 64);
  x = residual(graph, weights, 'conv64_3', x, 64);

  x = residualDown(graph, weights, 'conv128_down', x, [64, 128]);
  x = residual(graph, weights, 'conv128_1', x, 128);
  x = residual(graph, weights, 'conv128_2', x, 128);

  // From here on an unpadded convolution of an even plane comes out one smaller than its pooling.
  x = residualDown(graph, weights, 'conv256_down', x, [128, 256], 1);
  x = residual(graph, weights, 'conv256_1', x, 256);
  x = residual(graph, weights, 'conv256_2', x, 256);
  x = residualDown(graph, weights, 'conv256_down_out', x, [256, 256], 1);

  const features = graph.reshape('features', graph.globalAveragePool('pooled', x), [0, -1]);
  graph.output(graph.gemm('embedding', features, weights.tensor('fc', [256, 128])), ['N', 128]);
  return graph.build();
}

/** A convolution's filters and bias with the scale layer behind it (y·w + b) folded in. */
function scaledConv(
  weights: Weights,
  name: string,
  size: number,
  channelsIn: number,
  channelsOut: number,
): Required<Pick<ConvOptions, 'filters' | 'bias'>> {
  const scale = weights.tensor(`${name}/scale/weights`, [channelsOut]).data;
  const offset = weights.tensor(`${name}/scale/biases`, [channelsOut]).data;
  const bias = weights.tensor(`${name}/conv/bias`, [channelsOut]).data;
  return {
    filters: scaled(weights.filters(`${name}/conv/filters`, size, channelsIn, channelsOut), scale),
    bias: bias.map((value, channel) => value * scale[channel]! + offset[channel]!),
  };
}

/**
 * The first convolution with the input's normalisation, (x - mean) / 255, folded in. That is exact
 * since it is not padded.
 */
function normalisedEntry(weights: Weights): Required<Pick<ConvOptions, 'filters' | 'bias'>> {
  const { filters, bias } = scaledConv(weights, 'conv32_down', 7, 3, 32);
  const normalised = scaled(filters, 1 / 255);
  const taps = 7 * 7;
  const shifted = bias.map((value, channel) => {
    let sum = value;
    meanRgb.forEach((mean, colour) => {
      const start = (channel * 3 + colour) * taps;
      for (const weight of normalised.data.subarray(start, start + taps)) sum -= weight * mean;
    });
    return sum;
  });
  return { filters: normalised, bias: shifted };
}

/** Two 3×3 convolutions beside the identity. */
function residual(graph: GraphBuilder, weights: Weights, name: string, x: string, channels: number): string {
  const first = graph.conv(`${name}/conv1`, x, {
    ...scaledConv(weights, `${name}/conv1`, 3, channels, channels),
    pads: sameSize,
  });
  const second = graph.conv(`${name}/conv2`, graph.relu(`${name}/conv1/relu`, first), {
    ...scaledConv(weights, `${name}/conv2`, 3, channels, channels),
    pads: sameSize,
  });
  return graph.relu(name, graph.add(`${name}/sum`, second, x));
}

/**
 * Halves the plane: a strided and a plain 3×3 convolution beside 2×2 average pooling, with zeros
 * for the channels that the pooled input lacks.
 *
 * @param missing rows and columns that the convolutions lack beside the pooled input; zeros too
 */
function residualDown(
  graph: GraphBuilder,
  weights: Weights,
  name: string,
  x: string,
  [channelsIn, channelsOut]: readonly [number, number],
  missing = 0,
): string {
  const first = graph.conv(`${name}/conv1`, x, {
    ...scaledConv(weights, `${name}/conv1`, 3, channelsIn, channelsOut),
    stride: 2,
  });
  let second = graph.conv(`${name}/conv2`, graph.relu(`${name}/conv1/relu`, first), {
    ...scaledConv(weights, `${name}/conv2`, 3, channelsOut, channelsOut),
    pads: sameSize,
  });
  if (missing > 0)
    second = graph.padBehind(`${name}/conv2/padded`, second, { rows: missing, columns: missing });

  let pooled = graph.averagePool(`${name}/pooled`, x, { size: 2, stride: 2 });
  if (channelsOut > channelsIn) {
    pooled = graph.padBehind(`${name}/pooled/padded`, pooled, { channels: channelsOut - channelsIn });
  }
  return graph.relu(name, graph.add(`${name}/sum`, second, pooled));
}
