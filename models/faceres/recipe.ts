import { halvesEven, sameSize, scaled } from '../../build/networks/blocks.ts';
import { GraphBuilder } from '../../build/networks/graph-builder.ts';
import type { Weights } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/**
 * human's faceres: a MobileNetV1 whose pooled features are an embedding, with heads for age and
 * gender on a layer of 256.
 *
 * Input `image` [N, 3, 224, 224]: a square around the face, RGB, 0 to 255.
 * Output `embedding` [N, 1024]: not normalised. Output `age` [N, 100]: logits of the ages, class i
 * for about i years. Output `gender` [N, 1]: ln(p(male) / p(female)).
 */
export function faceres(weights: Weights): Graph {
  const graph = new GraphBuilder('faceres');
  const image = graph.input('image', ['N', 3, 224, 224]);

  let x = graph.conv('conv1', image, {
    filters: weights.filters('conv1/convolution/merged_input', 3, 3, 32),
    bias: weights.tensor('conv1_bn/batchnorm_1/sub', [32]).data,
    stride: 2,
    pads: halvesEven,
  });
  x = graph.reluUpTo('conv1/relu6', x, 6);
  for (const [index, [channelsIn, channelsOut, stride]] of body.entries()) {
    x = separable(graph, weights, index + 1, x, channelsIn, channelsOut, stride);
  }

  const pooled = graph.globalAveragePool('pooled', x);
  const embedding = graph.reshape('embedding', pooled, [0, -1]);
  graph.output(embedding, ['N', 1024]);
  const features = graph.relu('feats/relu', dense(graph, weights, 'feats', 'feats', embedding, 1024, 256));
  graph.output(dense(graph, weights, 'age', 'age_pred', features, 256, 100), ['N', 100]);
  graph.output(dense(graph, weights, 'gender', 'gender_pred', features, 256, 1), ['N', 1]);
  return graph.build();
}

/** Channels in and out and stride of the thirteen separable convolutions. */
const body: readonly [channelsIn: number, channelsOut: number, stride: 1 | 2][] = [
  [32, 64, 1],
  [64, 128, 2],
  [128, 128, 1],
  [128, 256, 2],
  [256, 256, 1],
  [256, 512, 2],
  [512, 512, 1],
  [512, 512, 1],
  [512, 512, 1],
  [512, 512, 1],
  [512, 512, 1],
  [512, 1024, 2],
  [1024, 1024, 1],
];

/** A depthwise 3×3 convolution and a 1×1 convolution, each with a shift and ReLU6. */
function separable(
  graph: GraphBuilder,
  weights: Weights,
  index: number,
  x: string,
  channelsIn: number,
  channelsOut: number,
  stride: 1 | 2,
): string {
  const first = `conv_dw_${index}`;
  const second = `conv_pw_${index}`;
  const depthwise = graph.conv(first, x, {
    filters: scaled(
      weights.depthwiseFilters(`${first}/depthwise_kernel`, 3, channelsIn),
      weights.tensor(`${first}_bn/batchnorm_1/mul`, [channelsIn]).data,
    ),
    bias: weights.tensor(`${first}_bn/batchnorm_1/sub`, [channelsIn]).data,
    stride,
    pads: stride === 2 ? halvesEven : sameSize,
    groups: channelsIn,
  });
  const pointwise = graph.conv(second, graph.reluUpTo(`${first}/relu6`, depthwise, 6), {
    filters: weights.filters(`${second}/convolution/merged_input`, 1, channelsIn, channelsOut),
    bias: weights.tensor(`${second}_bn/batchnorm_1/sub`, [channelsOut]).data,
  });
  return graph.reluUpTo(`${second}/relu6`, pointwise, 6);
}

function dense(
  graph: GraphBuilder,
  weights: Weights,
  name: string,
  stored: string,
  x: string,
  channelsIn: number,
  channelsOut: number,
): string {
  return graph.gemm(
    name,
    x,
    weights.tensor(`${stored}/kernel`, [channelsIn, channelsOut]),
    weights.tensor(`${stored}/bias`, [channelsOut]).data,
  );
}
