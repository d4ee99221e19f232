import { faceFeatures, faceInputSize, fullyConnected } from '../../build/networks/face-api-blocks.ts';
import { GraphBuilder } from '../../build/networks/graph-builder.ts';
import type { Weights } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/**
 * face-api's expression network.
 *
 * Input `image` [N, 3, 112, 112]: a square around the face, RGB, 0 to 255.
 * Output `logits` [N, 7]: neutral, happy, sad, angry, fear, disgust, surprise; their softmax is
 * the probabilities.
 */
export function faceExpression(weights: Weights): Graph {
  const graph = new GraphBuilder('face-expression');
  const image = graph.input('image', ['N', 3, faceInputSize, faceInputSize]);
  const features = faceFeatures(graph, weights, image);
  graph.output(fullyConnected(graph, weights, 'logits', 'fc', features, [256, 7]), ['N', 7]);
  return graph.build();
}
