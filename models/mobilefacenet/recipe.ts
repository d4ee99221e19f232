import { halvesEven, sameSize } from '../../build/networks/blocks.ts';
import { type ConvOptions, GraphBuilder } from '../../build/networks/graph-builder.ts';
import { inEightBits } from '../../build/networks/quantize/eight-bits.ts';
import type { Weights, WeightTensor } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/** Inverted residuals; the first of a stage has the stage's stride. */
const stages = [
  { name: 'Conv2d_2', blocks: 5, expanded: 128, channels: 64, stride: 2 },
  { name: 'Conv2d_3', blocks: 1, expanded: 256, channels: 128, stride: 2 },
  { name: 'Conv2d_4', blocks: 6, expanded: 256, channels: 128, stride: 1 },
  { name: 'Conv2d_5', blocks: 1, expanded: 512, channels: 128, stride: 2 },
  { name: 'Conv2d_6', blocks: 2, expanded: 256, channels: 128, stride: 1 },
] as const;

/** Where the names of most layers and of most filters begin. */
const body = 'MobileFaceNet/MobileFaceNet';
const filters = 'MobileFaceNet';

/**
 * MobileFaceNet (Chen et al. 2018) as sirius-ai/MobileFaceNet_TF trained it (nets/MobileFaceNet.py),
 * with normalisation folded into the convolutions: inverted residuals with PReLU, and at the end a
 * depthwise convolution over the whole plane in place of pooling.
 *
 * Input `image` [N, 3, 112, 112]: an aligned face as in ArcFace's template, RGB, (v - 127.5) / 128.
 * Output `embedding` [N, 192]: not normalised.
 *
 * @param kept how filters are kept
 */
export function mobileFaceNet(
  weights: Weights,
  kept: (filters: WeightTensor) => WeightTensor = inEightBits,
): Graph {
  const graph = new GraphBuilder('mobilefacenet');

  type Shape = readonly [size: number, channelsIn: number, channelsOut: number];
  type Window = Pick<ConvOptions, 'stride' | 'pads'>;

  /** @param stored the name of the filters, which are numbered through the network */
  function conv(layer: string, stored: string, x: string, shape: Shape, window: Window = {}): string {
    return graph.conv(layer, x, {
      filters: kept(weights.filters(`${stored}/weights/read`, ...shape)),
      bias: weights.tensor(`${layer}/Conv2D_bias`, [shape[2]]).data,
      ...window,
    });
  }

  function depthwise(
    layer: string,
    stored: string,
    x: string,
    size: number,
    channels: number,
    window: Window = {},
  ) {
    return graph.conv(layer, x, {
      filters: kept(weights.depthwiseFilters(`${stored}/depthwise_weights/read`, size, channels)),
      bias: weights.tensor(`${layer}/depthwise_bias`, [channels]).data,
      groups: channels,
      ...window,
    });
  }

  /** The file has PReLU as relu(x) + m·(x - |x|): a negative x times 2m. */
  function prelu(layer: string, x: string, channels: number): string {
    const halves = weights.tensor(`${layer}/mul`, [channels]).data;
    return graph.prelu(
      `${layer}/prelu`,
      x,
      halves.map((half) => 2 * half),
    );
  }

  const image = graph.input('image', ['N', 3, 112, 112]);
  let x = conv(`${body}/Conv2d_0`, `${filters}/Conv2d_0`, image, [3, 3, 64], { stride: 2, pads: halvesEven });
  x = prelu(`${body}/Conv2d_0`, x, 64);
  x = depthwise(`${body}/SeparableConv2d`, `${filters}/SeparableConv2d`, x, 3, 64, { pads: sameSize });
  x = prelu(`${body}/SeparableConv2d`, x, 64);
  x = conv(`${body}/Conv`, `${filters}/Conv`, x, [1, 64, 64]);

  let width = 64;
  let count = 0;
  for (const { name, blocks, expanded, channels, stride } of stages) {
    for (let block = 0; block < blocks; block++) {
      const scope = `${body}/${name}_InvResBlock_${block}`;
      const halves = block === 0 && stride === 2;
      const window: Window = halves ? { stride: 2, pads: halvesEven } : { pads: sameSize };
      count++;
      let y = conv(`${scope}/Conv`, `${filters}/Conv_${2 * count - 1}`, x, [1, width, expanded]);
      y = prelu(`${scope}/Conv`, y, expanded);
      y = depthwise(
        `${scope}/SeparableConv2d`,
        `${filters}/SeparableConv2d_${count}`,
        y,
        3,
        expanded,
        window,
      );
      y = prelu(`${scope}/SeparableConv2d`, y, expanded);
      y = conv(`${scope}/Conv_1`, `${filters}/Conv_${2 * count}`, y, [1, expanded, channels]);
      x = halves || width !== channels ? y : graph.add(`${scope}/Add`, y, x);
      width = channels;
    }
  }

  x = conv(`${body}/Conv2d_7`, `${filters}/Conv2d_7`, x, [1, width, 512]);
  x = prelu(`${body}/Conv2d_7`, x, 512);
  const head = (layer: string) => [`MobileFaceNet/Logits/${layer}`, `MobileFaceNet/Logits/${layer}`] as const;
  x = depthwise(...head('SeparableConv2d'), x, 7, 512);
  x = conv(...head('Conv'), x, [1, 512, 512]);
  x = conv(...head('LinearConv1x1'), x, [1, 512, 192]);
  graph.output(graph.reshape('embedding', x, [0, -1]), ['N', 192]);
  return graph.build();
}
