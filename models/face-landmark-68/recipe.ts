import { faceFeatures, faceInputSize, fullyConnected } from '../../build/networks/face-api-blocks.ts';
import { GraphBuilder } from '../../build/networks/graph-builder.ts';
import type { Weights } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/**
 * face-api's 68-point landmark network.
 *
 * Input `image` [N, 3, 112, 112]: a square around the face box, RGB, 0 to 255.
 * Output `landmarks` [N, 136]: x and y of the 68 points of the iBUG 300-W annotation in turn, as
 * shares of the input's side (0 to 1, a little beyond for points outside it).
 */
export function faceLandmark68(weights: Weights): Graph {
  const graph = new GraphBuilder('face-landmark-68');
  const image = graph.input('image', ['N', 3, faceInputSize, faceInputSize]);
  const features = faceFeatures(graph, weights, image);
  graph.output(fullyConnected(graph, weights, 'landmarks', 'fc', features, [256, 136]), ['N', 136]);
  return graph.build();
}
