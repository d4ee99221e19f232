import { createHash } from 'node:crypto';
import { GraphBuilder } from '../../build/networks/graph-builder.ts';
import { writeOnnx } from '../../build/networks/onnx-writer.ts';
import type { NetworkFiles } from '../../src/create-engine.ts';
import { readManifest } from '../../src/pipeline/manifest.ts';

// Networks of a few numbers with the inputs and outputs of real ones: what they answer can be
// computed by hand.

/** A network with its files, as a user's own manifest describes it. */
export function networkOf(
  values: Record<string, unknown>,
  files: Readonly<Record<string, Uint8Array>>,
): NetworkFiles {
  const manifest = readManifest({
    id: 'mine',
    title: 'A test’s own',
    licence: 'MIT',
    source: 'https://example.org',
    files: Object.entries(files).map(([name, bytes]) => ({ name, sha256: sha256(bytes) })),
    ...values,
  });
  return { manifest, read: async (name) => files[name]! };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface MeansOptions {
  readonly side: number;
  /** A row of three (one a channel of the input) for each value of each output. */
  readonly outputs: Readonly<Record<string, readonly (readonly [number, number, number])[]>>;
  /** Default any batch. */
  readonly batch?: number;
  readonly layout?: 'NCHW' | 'NHWC';
}

/** Each output is a matrix times the means of the input's three channels. */
export function meansNetwork({ side, outputs, batch, layout = 'NCHW' }: MeansOptions): Uint8Array {
  const graph = new GraphBuilder('means');
  const count = batch ?? 'N';
  const image = graph.input('pixels', layout === 'NCHW' ? [count, 3, side, side] : [count, side, side, 3]);
  const planes = layout === 'NCHW' ? image : graph.transpose('planes', image, [0, 3, 1, 2]);
  const means = graph.reshape('means', graph.globalAveragePool('pooled', planes), [batch ?? 0, 3]);
  for (const [name, rows] of Object.entries(outputs)) {
    const data = Float32Array.from([0, 1, 2].flatMap((channel) => rows.map((row) => row[channel]!)));
    graph.output(graph.gemm(name, means, { shape: [3, rows.length], data }), [count, rows.length]);
  }
  return writeOnnx(graph.build());
}

/** The face that the networks below see in a white cell of 32×32 pixels with its corner at 0, 0. */
export const faceOfCell = { left: -16, top: -16, right: 48, bottom: 48 };

const strides = [8, 16, 32] as const;

/** YuNet's outputs: sure of a face of 64×64 around every white cell at stride 32. */
export function smallYunet(): Uint8Array {
  const graph = new GraphBuilder('small-yunet');
  const image = graph.input('input', [1, 3, 'H', 'W']);
  for (const stride of strides) {
    const cells = graph.averagePool(`cells_${stride}`, image, { size: stride, stride });
    const rows = (name: string, x: string, values: number) =>
      graph.output(
        graph.reshape(`${name}_${stride}`, graph.transpose(`${name}_${stride}/last`, x, [0, 2, 3, 1]), [
          1,
          -1,
          values,
        ]),
        [1, `cells_${stride}`, values],
      );
    for (const name of ['cls', 'obj']) {
      rows(name, graph.sigmoid(`${name}_${stride}/p`, white(graph, `${name}_${stride}/x`, cells, stride)), 1);
    }
    const size = Math.log(64 / stride);
    rows('bbox', constant(graph, `bbox_${stride}/x`, cells, [0.5, 0.5, size, size]), 4);
    rows('kps', constant(graph, `kps_${stride}/x`, cells, facePoints), 10);
  }
  return writeOnnx(graph.build());
}

/** SCRFD's outputs, numbered as its files have them: the same face, of the first of two anchors. */
export function smallScrfd(): Uint8Array {
  const graph = new GraphBuilder('small-scrfd');
  const image = graph.input('input.1', [1, 3, 'H', 'W']);
  const cells = strides.map((stride) =>
    graph.averagePool(`cells_${stride}`, image, { size: stride, stride }),
  );
  let number = 440;
  const rows = (x: string, values: number) => {
    const last = graph.transpose(`${x}/last`, x, [0, 2, 3, 1]);
    graph.output(graph.reshape(String(number++), last, [-1, values]), ['A', values]);
  };
  strides.forEach((stride, map) => {
    const anchors = graph.concat(
      `scores_${stride}/anchors`,
      [
        white(graph, `scores_${stride}/x`, cells[map]!, stride),
        constant(graph, `scores_${stride}/never`, cells[map]!, [-20]),
      ],
      1,
    );
    rows(graph.sigmoid(`scores_${stride}`, anchors), 1);
  });
  strides.forEach((stride, map) => {
    rows(constant(graph, `boxes_${stride}`, cells[map]!, [0.5, 0.5, 1.5, 1.5, 1, 1, 1, 1]), 4);
  });
  strides.forEach((stride, map) => {
    rows(constant(graph, `points_${stride}`, cells[map]!, [...facePoints, ...facePoints]), 10);
  });
  return writeOnnx(graph.build());
}

/** In strides from the cell's corner. */
const facePoints = [0.25, 0.25, 0.75, 0.25, 0.5, 0.5, 0.25, 0.75, 0.75, 0.75];

/** A logit that is high for white cells at stride 32, and low for all others. */
function white(graph: GraphBuilder, name: string, cells: string, stride: number): string {
  const weight = stride === 32 ? 20 / (3 * 255) : 0;
  return graph.conv(name, cells, {
    filters: { shape: [1, 3, 1, 1], data: new Float32Array(3).fill(weight) },
    bias: Float32Array.of(-12),
  });
}

function constant(graph: GraphBuilder, name: string, cells: string, values: readonly number[]): string {
  return graph.conv(name, cells, {
    filters: { shape: [values.length, 3, 1, 1], data: new Float32Array(3 * values.length) },
    bias: Float32Array.from(values),
  });
}
