import { sameSize, scaled } from '../../build/networks/blocks.ts';
import { GraphBuilder } from '../../build/networks/graph-builder.ts';
import type { Weights, WeightTensor } from '../../build/networks/weights.ts';
import type { Graph } from '../../src/nn/graph.ts';

/**
 * Ultra-Light-Fast-Generic-Face-Detector, version RFB-320 (`vision/nn/mb_tiny_RFB.py` and
 * `vision/ssd/mb_tiny_RFB_fd.py` in its repository), for inputs of any size. Batch normalisation is
 * in the filters already; tensors have the numbers that PyTorch's exporter gave them.
 *
 * Input `image` [N, 3, H, W]: RGB, 0 to 255.
 * Outputs for a stride s of 8, 16, 32 and 64: `logits_s` [N, H/s·W/s·shapes, 1] and `boxes_s`
 * [N, H/s·W/s·shapes, 4], for every cell, row by row, its 3, 2, 2 and 3 priors: the logit of a face,
 * and offsets of centre x and y and logarithms of width and height. Planes whose sides are no
 * multiples of s are rounded up.
 */
export function ultraLightRfb320(weights: Weights): Graph {
  const graph = new GraphBuilder('ultra-light-rfb-320');
  const image = graph.input('image', ['N', 3, 'H', 'W']);

  // (x - 127) / 128; the factor is left to the filters.
  const centred = graph.addPerChannel('centred', image, [-127, -127, -127]);
  let x = graph.conv('entry', centred, {
    filters: scaled(weights.filters('492', 3, 3, 16), 1 / 128),
    bias: weights.tensor('493', [16]).data,
    stride: 2,
    pads: sameSize,
  });
  x = graph.relu('entry/relu', x);

  /** A depthwise 3×3 and a 1×1 convolution, each with its activation. */
  function block(index: number, [channelsIn, channelsOut, stride, tensor]: Block): void {
    const depthwise = graph.conv(`block${index}/depthwise`, x, {
      filters: weights.depthwiseFilters(`${tensor}`, 3, channelsIn),
      bias: weights.tensor(`${tensor + 1}`, [channelsIn]).data,
      stride,
      pads: sameSize,
      groups: channelsIn,
    });
    const pointwise = graph.conv(`block${index}/pointwise`, graph.relu(`block${index}/between`, depthwise), {
      filters: weights.filters(`${tensor + 3}`, 1, channelsIn, channelsOut),
      bias: weights.tensor(`${tensor + 4}`, [channelsOut]).data,
    });
    x = graph.relu(`block${index}/relu`, pointwise);
  }

  for (let index = 0; index < 6; index++) block(index, blocks[index]!);
  x = receptiveFields(graph, weights, x);
  predictSeparably(graph, weights, x, 0);
  for (let index = 6; index < 9; index++) block(index, blocks[index]!);
  predictSeparably(graph, weights, x, 1);
  for (let index = 9; index < 11; index++) block(index, blocks[index]!);
  predictSeparably(graph, weights, x, 2);
  predict(graph, weights, extra(graph, weights, x), 3, ['3.weight', '3.bias'], 3);
  return graph.build();
}

/** Channels in and out, stride, and the number of the first of a block's tensors. */
type Block = readonly [channelsIn: number, channelsOut: number, stride: 1 | 2, tensor: number];

const blocks: readonly Block[] = [
  [16, 32, 1, 495],
  [32, 32, 2, 501],
  [32, 32, 1, 507],
  [32, 64, 2, 513],
  [64, 64, 1, 519],
  [64, 64, 1, 525],
  [64, 128, 2, 567],
  [128, 128, 1, 573],
  [128, 128, 1, 579],
  [128, 256, 2, 585],
  [256, 256, 1, 591],
];

/** A branch of the block of receptive fields: plain 3×3 convolutions, the last one dilated and linear. */
interface Branch {
  /** The number of its first tensor, a 1×1 convolution to 8 channels. */
  readonly tensor: number;
  readonly channels: readonly number[];
  readonly dilation: number;
}

const branches: readonly Branch[] = [
  { tensor: 531, channels: [8, 16, 16], dilation: 2 },
  { tensor: 540, channels: [8, 16, 16], dilation: 3 },
  { tensor: 549, channels: [8, 12, 16, 16], dilation: 5 },
];

/**
 * Three branches that see further and further, beside a shortcut. The original joins the branches' 16
 * channels each and mixes them in a 1×1 convolution; it is the sum of one for each branch.
 */
function receptiveFields(graph: GraphBuilder, weights: Weights, x: string): string {
  let sum = graph.conv('fields/shortcut', x, {
    filters: weights.filters('564', 1, 64, 64),
    bias: weights.tensor('565', [64]).data,
  });
  const mixing = weights.filters('561', 1, 48, 64);
  for (const [index, { tensor, channels, dilation }] of branches.entries()) {
    const name = `fields/branch${index}`;
    let branch = graph.conv(`${name}/entry`, x, {
      filters: weights.filters(`${tensor}`, 1, 64, channels[0]!),
      bias: weights.tensor(`${tensor + 1}`, [channels[0]!]).data,
    });
    for (let layer = 1; layer < channels.length; layer++) {
      const number = tensor + 3 * layer;
      const last = layer === channels.length - 1;
      const conv = graph.conv(`${name}/conv${layer}`, branch, {
        filters: weights.filters(`${number}`, 3, channels[layer - 1]!, channels[layer]!),
        bias: weights.tensor(`${number + 1}`, [channels[layer]!]).data,
        pads: last ? [dilation, dilation, dilation, dilation] : sameSize,
        dilation: last ? dilation : 1,
      });
      branch = last ? conv : graph.relu(`${name}/relu${layer}`, conv);
    }
    const mixed = graph.conv(`${name}/mixed`, branch, {
      filters: columns(mixing, 16 * index, 16),
      ...(index === 0 && { bias: weights.tensor('562', [64]).data }),
    });
    sum = graph.add(`${name}/sum`, mixed, sum);
  }
  return graph.relu('fields/relu', sum);
}

/** A 1×1 convolution's filters for some of its input's channels. */
function columns({ shape, data }: WeightTensor, first: number, count: number): WeightTensor {
  const [out, width] = shape as [number, number];
  return {
    shape: [out, count, 1, 1],
    data: Float32Array.from(
      { length: out * count },
      (_, index) => data[Math.floor(index / count) * width + first + (index % count)]!,
    ),
  };
}

/** The map of the coarsest stride, made by a narrow separable convolution. */
function extra(graph: GraphBuilder, weights: Weights, x: string): string {
  const narrow = graph.conv('extra/narrow', x, {
    filters: weights.filters('extras.0.0.weight', 1, 256, 64),
    bias: weights.tensor('extras.0.0.bias', [64]).data,
  });
  const depthwise = graph.conv('extra/depthwise', graph.relu('extra/narrow/relu', narrow), {
    filters: weights.depthwiseFilters('extras.0.2.0.weight', 3, 64),
    bias: weights.tensor('extras.0.2.0.bias', [64]).data,
    stride: 2,
    pads: sameSize,
    groups: 64,
  });
  const pointwise = graph.conv('extra/pointwise', graph.relu('extra/between', depthwise), {
    filters: weights.filters('extras.0.2.2.weight', 1, 64, 256),
    bias: weights.tensor('extras.0.2.2.bias', [256]).data,
  });
  return graph.relu('extra/relu', pointwise);
}

const strides = [8, 16, 32, 64] as const;
const shapesOfMaps = [3, 2, 2, 3] as const;
const channelsOfMaps = [64, 128, 256, 256] as const;

/** Predictions of a map by a depthwise convolution and a 1×1 one. */
function predictSeparably(graph: GraphBuilder, weights: Weights, x: string, map: 0 | 1 | 2): void {
  predict(graph, weights, x, map, [`${map}.2.weight`, `${map}.2.bias`], 1, (kind, headers) => {
    const channels = channelsOfMaps[map];
    const depthwise = graph.conv(`${kind}_${strides[map]}/depthwise`, x, {
      filters: weights.depthwiseFilters(`${headers}.${map}.0.weight`, 3, channels),
      bias: weights.tensor(`${headers}.${map}.0.bias`, [channels]).data,
      pads: sameSize,
      groups: channels,
    });
    return graph.relu(`${kind}_${strides[map]}/between`, depthwise);
  });
}

/**
 * The outputs of a map. Of the two scores of a prior, background and face, only the difference counts:
 * their softmax is its sigmoid.
 *
 * @param size of the convolution's window
 * @param before what precedes it
 */
function predict(
  graph: GraphBuilder,
  weights: Weights,
  x: string,
  map: 0 | 1 | 2 | 3,
  [filtersName, biasName]: readonly [string, string],
  size: 1 | 3,
  before: (kind: string, headers: string) => string = () => x,
): void {
  const shapes = shapesOfMaps[map];
  const read = (headers: string, values: number): [filters: WeightTensor, bias: WeightTensor] => [
    weights.filters(`${headers}.${filtersName}`, size, channelsOfMaps[map], values),
    weights.tensor(`${headers}.${biasName}`, [values]),
  ];
  const write = (kind: string, headers: string, values: number, tensors: readonly WeightTensor[]) => {
    const name = `${kind}_${strides[map]}`;
    const [filters, bias] = tensors as [WeightTensor, WeightTensor];
    const plane = graph.conv(`${name}/plane`, before(kind, headers), {
      filters,
      bias: bias.data as Float32Array,
      ...(size === 3 && { pads: sameSize }),
    });
    const last = graph.transpose(`${name}/last`, plane, [0, 2, 3, 1]);
    graph.output(graph.reshape(name, last, [0, -1, values]), ['N', 'P', values]);
  };
  write('logits', 'classification_headers', 1, read('classification_headers', 2 * shapes).map(differences));
  write('boxes', 'regression_headers', 4, read('regression_headers', 4 * shapes));
}

/** Of rows that come in pairs, the second less the first. */
function differences({ shape, data }: WeightTensor): WeightTensor {
  const [rows, ...others] = shape as [number, ...number[]];
  const length = data.length / rows;
  return {
    shape: [rows / 2, ...others],
    data: Float32Array.from({ length: data.length / 2 }, (_, index) => {
      const at = 2 * length * Math.floor(index / length) + (index % length);
      return data[at + length]! - data[at]!;
    }),
  };
}
