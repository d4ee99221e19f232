import { halvesEven } from '../../build/networks/blocks.ts';
import {
  entryConv,
  faceInputSize,
  fullyConnected,
  pooledRow,
  separableConv,
} from '../../build/networks/face-api-blocks.ts';
import { GraphBuilder } from '../../build/networks/graph-builder.ts';
import type { Weights } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/**
 * face-api's age and gender network: a small Xception (separable convolutions with residual
 * connections) and two fully connected heads.
 *
 * Input `image` [N, 3, 112, 112]: a square around the face, RGB, 0 to 255.
 * Output `age` [N, 1]: years. Output `gender` [N, 2]: logits of male and female.
 */
export function ageGender(weights: Weights): Graph {
  const graph = new GraphBuilder('age-gender');
  const image = graph.input('image', ['N', 3, faceInputSize, faceInputSize]);

  const entry = entryConv(graph, weights, 'entry_flow/conv_in', image);
  let x = reductionBlock(graph, weights, 'entry_flow/reduction_block_0', entry, entry, [32, 64]);
  x = activatedReductionBlock(graph, weights, 'entry_flow/reduction_block_1', x, [64, 128]);
  x = mainBlock(graph, weights, 'middle_flow/main_block_0', x);
  x = mainBlock(graph, weights, 'middle_flow/main_block_1', x);
  x = activatedReductionBlock(graph, weights, 'exit_flow/reduction_block', x, [128, 256]);
  x = separableConv(graph, weights, 'exit_flow/separable_conv', x, [256, 512]);
  const features = pooledRow(graph, graph.relu('exit_flow/separable_conv/relu', x));

  graph.output(fullyConnected(graph, weights, 'age', 'fc/age', features, [512, 1]), ['N', 1]);
  graph.output(fullyConnected(graph, weights, 'gender', 'fc/gender', features, [512, 2]), ['N', 2]);
  return graph.build();
}

/** A reduction block whose convolutions see the ReLU of its input. */
function activatedReductionBlock(
  graph: GraphBuilder,
  weights: Weights,
  name: string,
  x: string,
  channels: readonly [number, number],
): string {
  return reductionBlock(graph, weights, name, x, graph.relu(`${name}/input_relu`, x), channels);
}

/**
 * Halves the plane: two separable convolutions and max-pooling beside a strided 1×1 convolution.
 *
 * @param residual what the 1×1 convolution sees
 * @param activated what the separable convolutions see
 */
function reductionBlock(
  graph: GraphBuilder,
  weights: Weights,
  name: string,
  residual: string,
  activated: string,
  [channelsIn, channelsOut]: readonly [number, number],
): string {
  const first = separableConv(graph, weights, `${name}/separable_conv0`, activated, [
    channelsIn,
    channelsOut,
  ]);
  const relu = graph.relu(`${name}/separable_conv0/relu`, first);
  const second = separableConv(graph, weights, `${name}/separable_conv1`, relu, [channelsOut, channelsOut]);
  const pooled = graph.maxPool(`${name}/pooled`, second, { size: 3, stride: 2, pads: halvesEven });
  const expansion = graph.conv(`${name}/expansion_conv`, residual, {
    filters: weights.filters(`${name}/expansion_conv/filters`, 1, channelsIn, channelsOut),
    bias: weights.tensor(`${name}/expansion_conv/bias`, [channelsOut]).data,
    stride: 2,
  });
  return graph.add(`${name}/sum`, pooled, expansion);
}

/** Three separable convolutions of 128 channels, each behind a ReLU, beside the identity. */
function mainBlock(graph: GraphBuilder, weights: Weights, name: string, x: string): string {
  let out = x;
  for (const conv of ['separable_conv0', 'separable_conv1', 'separable_conv2']) {
    const relu = graph.relu(`${name}/${conv}/input_relu`, out);
    out = separableConv(graph, weights, `${name}/${conv}`, relu, [128, 128]);
  }
  return graph.add(`${name}/sum`, out, x);
}
