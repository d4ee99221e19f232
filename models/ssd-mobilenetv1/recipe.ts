import { sameSize, scaled } from '../../build/networks/blocks.ts';
import { GraphBuilder, type Pads } from '../../build/networks/graph-builder.ts';
import type { Weights } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/**
 * SSD MobileNetV1 trained on WIDER FACE, as face-api stores it: a MobileNetV1 body, four further
 * reductions, and predictors on six feature maps.
 *
 * Input `image` [N, 3, H, W]: RGB, 0 to 255, any size; the network was trained at 512×512, where
 * a face's side should be 20 to 512 pixels.
 * A map of stride s (16, 32, 64, 128, 256, 512) has ceil(H / s) × ceil(W / s) cells; priors are in
 * the order map, row, column, shape (3 shapes on the first map, 6 on the others): P of them, 5118
 * at 512×512.
 * Output `boxes` [N, P, 4]: centre y, centre x, log height, log width, relative to the prior and
 * divided by its variances (0.1, 0.1, 0.2, 0.2).
 * Output `scores` [N, P]: probability of a face, 0 to 1.
 * Outputs `boxes_16` [N, P16, 4] and `scores_16` [N, P16]: those of the first map alone.
 */
export function ssdMobilenetV1(weights: Weights): Graph {
  const graph = new GraphBuilder('ssd-mobilenetv1');
  const image = graph.input('image', ['N', 3, 'H', 'W']);
  const conv = (name: string, x: string, size: 1 | 3, channels: readonly [number, number], stride: 1 | 2) =>
    fullConv(graph, weights, name, x, size, channels, stride);

  // (x - 127.5) / 127.5; the factor is left to the first filters.
  const centred = graph.addPerChannel('centred', image, [-inputCentre, -inputCentre, -inputCentre]);
  let x = conv('MobilenetV1/Conv2d_0_pointwise', centred, 3, [3, 32], 2);
  let eleventh = x;
  for (const [index, [channels, stride]] of body.entries()) {
    const name = `MobilenetV1/Conv2d_${index + 1}`;
    x = depthwiseConv(graph, weights, `${name}_depthwise`, x, channels[0], stride);
    x = conv(`${name}_pointwise`, x, 1, channels, 1);
    if (index + 1 === 11) eleventh = x;
  }

  const second = conv(
    'Prediction/Conv2d_1_pointwise',
    conv('Prediction/Conv2d_0_pointwise', x, 1, [1024, 256], 1),
    3,
    [256, 512],
    2,
  );
  const third = conv(
    'Prediction/Conv2d_3_pointwise',
    conv('Prediction/Conv2d_2_pointwise', second, 1, [512, 128], 1),
    3,
    [128, 256],
    2,
  );
  const fourth = conv(
    'Prediction/Conv2d_5_pointwise',
    conv('Prediction/Conv2d_4_pointwise', third, 1, [256, 128], 1),
    3,
    [128, 256],
    2,
  );
  const fifth = conv(
    'Prediction/Conv2d_7_pointwise',
    conv('Prediction/Conv2d_6_pointwise', fourth, 1, [256, 64], 1),
    3,
    [64, 128],
    2,
  );

  const predictions = [
    predict(graph, weights, 0, eleventh, 512, 3),
    predict(graph, weights, 1, x, 1024, 6),
    predict(graph, weights, 2, second, 512, 6),
    predict(graph, weights, 3, third, 256, 6),
    predict(graph, weights, 4, fourth, 256, 6),
    predict(graph, weights, 5, fifth, 128, 6),
  ];
  graph.output(
    graph.concat(
      'boxes',
      predictions.map(({ boxes }) => boxes),
      1,
    ),
    ['N', 'P', 4],
  );
  const logits = graph.concat(
    'logits',
    predictions.map((prediction) => prediction.logits),
    1,
  );
  graph.output(graph.sigmoid('scores', logits), ['N', 'P']);
  const [finest] = predictions;
  graph.output(graph.concat('boxes_16', [finest!.boxes], 1), ['N', 'P16', 4]);
  graph.output(graph.sigmoid('scores_16', finest!.logits), ['N', 'P16']);
  return graph.build();
}

/** The value in the middle of the input's range. */
const inputCentre = 127.5;

/** The number that TensorFlow adds to a variance before it takes the root. */
const batchNormEpsilon = 0.0010000000474974513;

/** Channels in and out and stride of the body's thirteen separable convolutions. */
const body: readonly [channels: readonly [number, number], stride: 1 | 2][] = [
  [[32, 64], 1],
  [[64, 128], 2],
  [[128, 128], 1],
  [[128, 256], 2],
  [[256, 256], 1],
  [[256, 512], 2],
  [[512, 512], 1],
  [[512, 512], 1],
  [[512, 512], 1],
  [[512, 512], 1],
  [[512, 512], 1],
  [[512, 1024], 2],
  [[1024, 1024], 1],
];

/**
 * Zeros for a 3×3 window at stride 2. The network was trained on even planes, which TensorFlow
 * pads with one row and column behind. A second one changes nothing there, and lets an odd plane
 * of n come out as (n + 1) / 2 with every window where it was in training, so that the cell's
 * centre is (i + 1/2)·stride at every size of the input.
 */
const halves: Pads = [0, 0, 2, 2];

/** A convolution (batch normalisation is in its stored weights) and ReLU6. */
function fullConv(
  graph: GraphBuilder,
  weights: Weights,
  name: string,
  x: string,
  size: 1 | 3,
  [channelsIn, channelsOut]: readonly [number, number],
  stride: 1 | 2,
): string {
  const filters = weights.filters(`${name}/weights`, size, channelsIn, channelsOut);
  const out = graph.conv(name, x, {
    filters: x === 'centred' ? scaled(filters, 1 / inputCentre) : filters,
    bias: weights.tensor(`${name}/convolution_bn_offset`, [channelsOut]).data,
    stride,
    ...(size === 3 && { pads: stride === 2 ? halves : sameSize }),
  });
  return graph.reluUpTo(`${name}/relu6`, out, 6);
}

/** A depthwise 3×3 convolution with its batch normalisation folded in, and ReLU6. */
function depthwiseConv(
  graph: GraphBuilder,
  weights: Weights,
  name: string,
  x: string,
  channels: number,
  stride: 1 | 2,
): string {
  const statistic = (of: string) => weights.tensor(`${name}/BatchNorm/${of}`, [channels]).data;
  const gamma = statistic('gamma');
  const mean = statistic('moving_mean');
  const scale = statistic('moving_variance').map(
    (variance, channel) => gamma[channel]! / Math.sqrt(variance + batchNormEpsilon),
  );
  const out = graph.conv(name, x, {
    filters: scaled(weights.depthwiseFilters(`${name}/depthwise_weights`, 3, channels), scale),
    bias: statistic('beta').map((beta, channel) => beta - mean[channel]! * scale[channel]!),
    stride,
    pads: stride === 2 ? halves : sameSize,
    groups: channels,
  });
  return graph.reluUpTo(`${name}/relu6`, out, 6);
}

/** The predictor of one feature map: boxes [N, priors, 4] and logits [N, priors]. */
function predict(
  graph: GraphBuilder,
  weights: Weights,
  map: number,
  x: string,
  channels: number,
  shapes: number,
): { boxes: string; logits: string } {
  const name = `Prediction/BoxPredictor_${map}`;
  const boxes = graph.conv(`${name}/boxes`, x, {
    filters: weights.filters(`${name}/BoxEncodingPredictor/weights`, 1, channels, 4 * shapes),
    bias: weights.tensor(`${name}/BoxEncodingPredictor/biases`, [4 * shapes]).data,
  });
  const logits = graph.conv(
    `${name}/logits`,
    x,
    faceClass(weights, `${name}/ClassPredictor`, channels, shapes),
  );
  return {
    boxes: graph.reshape(
      `${name}/boxes/rows`,
      graph.transpose(`${name}/boxes/last`, boxes, [0, 2, 3, 1]),
      [0, -1, 4],
    ),
    logits: graph.reshape(
      `${name}/logits/row`,
      graph.transpose(`${name}/logits/last`, logits, [0, 2, 3, 1]),
      [0, -1],
    ),
  };
}

/** Of the three classes that are stored (background, face, unused) the rows of the face. */
function faceClass(weights: Weights, name: string, channels: number, shapes: number) {
  const filters = weights.filters(`${name}/weights`, 1, channels, 3 * shapes).data;
  const biases = weights.tensor(`${name}/biases`, [3 * shapes]).data;
  const kept = new Float32Array(shapes * channels);
  const bias = new Float32Array(shapes);
  for (let shape = 0; shape < shapes; shape++) {
    const row = 3 * shape + 1;
    kept.set(filters.subarray(row * channels, (row + 1) * channels), shape * channels);
    bias[shape] = biases[row]!;
  }
  return { filters: { shape: [shapes, channels, 1, 1], data: kept }, bias };
}
