import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../../../build/networks/onnx-writer.ts';
import { shippedPack } from '../../../models/catalogue.ts';
import { ultraLight } from '../../../src/detect/ultra-light.ts';
import { type Drawing, draw, mirrorsOneBefore } from '../../../src/image/drawing.ts';
import { wholeOf } from '../../../src/image/geometry.ts';
import type { FixedImageInput } from '../../../src/nn/batch.ts';
import type { Graph } from '../../../src/nn/graph.ts';
import type { ImageInput } from '../../../src/nn/image-input.ts';
import { type Images, tensorOf } from '../../../src/nn/images.ts';
import { itemsOf } from '../../../src/nn/items.ts';
import { createKernelBackend } from '../../../src/nn/kernels/backend.ts';
import { lower } from '../../../src/nn/kernels/lower.ts';
import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import { simdLevel } from '../../../src/nn/kernels/simd.ts';
import type { InferenceBackend, Tensor } from '../../../src/nn/network.ts';
import { readOnnx } from '../../../src/nn/onnx-reader.ts';
import type { Manifest } from '../../../src/pipeline/manifest.ts';
import { instructions } from '../../../wasm/formats.ts';
import { onnxBackend, readAsset } from '../../models/assets.ts';
import { faces, pixelsAround, stack } from '../../models/photographs.ts';

const plain = instructions('plain');

/** Two real faces in the size of a network, as planes. */
async function photographs(
  side: number,
  { mean, scale }: Pick<Manifest['input'], 'mean' | 'scale'> = { mean: 0, scale: 1 },
): Promise<Tensor> {
  if (typeof mean !== 'number' || typeof scale !== 'number') throw new Error('one for all colours');
  const pictures = await Promise.all(
    faces.slice(0, 2).map(({ photograph, x, y }) => pixelsAround(photograph, x, y, side)),
  );
  const { data } = stack(pictures);
  const area = side * side;
  const planes = Float32Array.from(data, (_, index) => {
    const plane = Math.floor(index / area);
    const place = (Math.floor(plane / 3) * area + (index % area)) * 3 + (plane % 3);
    return (data[place]! - mean) * scale;
  });
  return { data: planes, shape: [2, 3, side, side] };
}

const networkOf = async (id: string): Promise<Graph> => readOnnx(await shippedPack(id).build(readAsset));

/** The largest difference, as a share of the largest value where that is over 1. */
function difference(found: Tensor | undefined, expected: Tensor | undefined): number {
  if (!found || !expected) throw new Error('an output is missing');
  expect(found.shape).toEqual([...expected.shape]);
  let largest = 1;
  let most = 0;
  expected.data.forEach((value, index) => {
    largest = Math.max(largest, Math.abs(value));
    most = Math.max(most, Math.abs(value - found.data[index]!));
  });
  return most / largest;
}

describe.each([
  ['face-landmark-68', 112],
  ['face-recognition', 150],
  ['age-gender', 112],
  ['face-expression', 112],
  ['mobilefacenet', 112],
  // Of maps of 9 and of 5 pixels, whose tiles do not end with their rows.
  ['ssd-mobilenetv1', 144],
  ['blazeface-any-size', 192],
  ['ultra-light-rfb-320', 192],
] as const)('%s', (id, side) => {
  it('has the float32 values of onnxruntime-web, layer by layer', async () => {
    const graph = await networkOf(id);
    const own = new Set(graph.outputs.map(({ name }) => name));
    const maps = lower(graph)
      .layers.map(({ output }) => output)
      .filter((name) => !own.has(name))
      .map((name) => ({ name, shape: ['N', 'C', `${name} rows`, `${name} columns`] }));
    const open = { ...graph, outputs: [...graph.outputs, ...maps] };

    const image = await photographs(side, shippedPack(id).manifest.input);
    const ours = createKernelNetwork(open, plain, undefined);
    const theirs = await (await onnxBackend()).load(writeOnnx(open));
    const [found, expected] = [await ours.run({ image }), await theirs.run({ image })];
    expect(Object.keys(found)).toHaveLength(open.outputs.length);
    for (const name of Object.keys(found))
      expect(difference(found[name], expected[name]), name).toBeLessThan(1e-4);
    await Promise.all([ours.close(), theirs.close()]);
  });
});

/** How far a map is from what it should be (root mean square), as a share of its size. */
function deviation(found: Tensor | undefined, expected: Tensor | undefined): number {
  if (!found || !expected) throw new Error('an output is missing');
  expect(found.shape).toEqual([...expected.shape]);
  let error = 0;
  let size = 0;
  expected.data.forEach((value, index) => {
    error += (value - found.data[index]!) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(error / size);
}

/** The graph with every map that has a range as an output too. */
function opened(graph: Graph): Graph {
  const maps = lower(graph)
    .layers.map(({ output }) => output)
    .filter((name) => graph.ranges?.has(name))
    .map((name) => ({ name, shape: ['N', 'C', `${name} rows`, `${name} columns`] }));
  return { ...graph, outputs: [...graph.outputs, ...maps] };
}

/** What rounding may add up to in maps on the way through a network; its answers have bounds of their own. */
const mapTolerance = 0.05;

describe.each([
  ['face-landmark-68', 112, 0.001],
  ['face-recognition', 150, 0.004],
  ['age-gender', 112, 0.004],
  ['face-expression', 112, 0.002],
  ['emotion', 64, 0.006],
  ['mobilefacenet', 112, 0.01],
  ['ssd-mobilenetv1', 192, 0.004],
  ['blazeface-any-size', 192, 0.03],
  ['ultra-light-rfb-320', 192, 0.01],
] as const)('%s in integers', (id, side, answerTolerance) => {
  it('stays close to float32, layer by layer', async () => {
    const network = await networkOf(id);
    const answers = new Set(network.outputs.map(({ name }) => name));
    const graph = opened(network);
    expect(graph.outputs.length).toBeGreaterThan(10);
    const image = await photographs(side, shippedPack(id).manifest.input);
    const float = createKernelNetwork({ ...graph, ranges: new Map() }, plain, undefined);
    const expected = await float.run({ image });
    const integer = createKernelNetwork(graph, plain, plain.i16);
    const found = await integer.run({ image });
    for (const name of Object.keys(expected)) {
      const off = deviation(found[name], expected[name]);
      expect(off, name).toBeLessThan(answers.has(name) ? answerTolerance : mapTolerance);
    }

    // The same integers on all engines, also where they take other instructions.
    const here = instructions(simdLevel());
    const again = await createKernelNetwork(graph, here, here.i16).run({ image });
    for (const name of Object.keys(found)) expect(deviation(again[name], found[name])).toBeLessThan(1e-2);
  });
});

describe('integers', () => {
  it('follow float32 at every size of the input', async () => {
    const graph = await networkOf('ssd-mobilenetv1');
    const float = createKernelNetwork(graph, plain, undefined);
    const integer = createKernelNetwork(graph, plain, plain.i16);
    for (const side of [192, 256, 160, 192]) {
      const image = await photographs(side);
      const [expected, found] = [await float.run({ image }), await integer.run({ image })];
      expect(deviation(found.scores, expected.scores)).toBeLessThan(0.01);
      expect(deviation(found.boxes, expected.boxes)).toBeLessThan(0.01);
    }
  });

  it('run pictures of other sizes on the same kernels', async () => {
    const network = createKernelNetwork(await networkOf('blazeface-any-size'), plain, plain.i16);
    const kernelsFor = async (height: number, width: number) => {
      const steps = await network.steps([3, height, width]);
      return new Set(steps.map(({ name }) => name));
    };
    const known = await kernelsFor(256, 512);
    for (const [height, width] of [
      [512, 256],
      [768, 640],
    ] as const)
      for (const name of await kernelsFor(height, width)) expect(known).toContain(name);
  });

  it('never overflow: the largest values at the largest weights', async () => {
    const channels = 64;
    const ones = (...shape: number[]) => ({
      shape,
      data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1),
    });
    const range = (high: number) => ({ low: 0, high });
    const graph: Graph = {
      name: 'extremes',
      inputs: [{ name: 'x', shape: ['N', 3, 4, 4] }],
      outputs: [{ name: 'y', shape: ['N', channels, 4, 4] }],
      nodes: [
        { op: 'Conv', name: 'spread', inputs: ['x', 'first'], outputs: ['spread'], attributes: {} },
        { op: 'Conv', name: 'y', inputs: ['spread', 'second'], outputs: ['y'], attributes: {} },
      ],
      initializers: new Map([
        ['first', ones(channels, 3, 1, 1)],
        ['second', ones(channels, channels, 1, 1)],
      ]),
      ranges: new Map([
        ['x', range(255)],
        ['spread', range(3 * 255)],
      ]),
    };
    const image = { data: new Float32Array(3 * 16).fill(255), shape: [1, 3, 4, 4] };
    const { y } = await createKernelNetwork(graph, plain, plain.i16).run({ x: image });
    for (const value of y!.data) expect(value / (3 * 255 * channels)).toBeCloseTo(1, 1);
  });
});

it.each(['age-gender', 'facemesh', 'face-recognition', 'ultra-light-rfb-320', 'ssd-mobilenetv1'])(
  '%s sees images as it does their tensor',
  async (id) => {
    const input = shippedPack(id).manifest.input as ImageInput;
    const { width, height } = 'width' in input.size ? input.size : { width: 96, height: 64 };
    const network = createKernelNetwork(await networkOf(id), plain, plain.i16);
    const raster = {
      width,
      height,
      data: Uint8Array.from({ length: 3 * width * height }, (_, at) => 7 * at + (at >> 8)),
    };
    const middle = { left: 3, top: 2, right: width - 6, bottom: height - 1 };
    const inside = { left: 8, top: 9, right: 11, bottom: 30 };
    const images: Images = {
      shape: [2, 3, height, width],
      layout: 'NCHW',
      values: input,
      draw(index, canvas) {
        if (index === 0) canvas.copy(wholeOf(raster), raster, 0, 0);
        else {
          canvas.put(wholeOf(raster), new Float32Array(3 * width).fill(127.5));
          canvas.copy(middle, raster, -20, -1);
          canvas.put(
            inside,
            Float32Array.from({ length: 3 * 3 * 21 }, (_, at) => (at * 1.37) % 255),
          );
        }
      },
    };
    const image = tensorOf(images);
    expect(await network.run({ image: images })).toEqual(await network.run({ image }));
  },
);

it.each([
  ['16-bit integers', plain.i16],
  ['float32', undefined],
] as const)('an image in %s is mirrored as it is drawn', async (_, integers) => {
  const input = shippedPack('age-gender').manifest.input as FixedImageInput;
  const { width, height } = input.size;
  const network = createKernelNetwork(await networkOf('age-gender'), plain, integers);
  const raster = {
    width: 90,
    height: 70,
    data: Uint8Array.from({ length: 3 * 90 * 70 }, (_, at) => at * at),
  };
  const drawings = [10, 10, 10, 20].map(
    (left, index): Drawing => ({
      raster,
      source: { left, top: -3, right: left + 60.5, bottom: 63 },
      mirrored: index % 2 === 1,
    }),
  );
  const mirrors = (index: number) => mirrorsOneBefore(drawings, index);
  expect([0, 1, 2, 3, 4].map(mirrors)).toEqual([false, true, true, false, false]);
  const images: Images = {
    shape: [drawings.length, 3, height, width],
    layout: 'NCHW',
    values: input,
    draw: (index, canvas) => draw(drawings[index]!, canvas),
  };
  const outputs = await network.run({ image: images });
  expect(await network.run({ image: { ...images, mirrors } })).toEqual(outputs);
  expect(new Set(outputs.age!.data).size).toBe(3);
});

describe('a network for a part of what it tells', () => {
  it('gives the same bits without the layers that only others need', async () => {
    const network = createKernelNetwork(await networkOf('ssd-mobilenetv1'), plain, plain.i16);
    const names = ['boxes_16', 'scores_16'];
    const some = network.only!({ outputs: names }) as typeof network;
    expect(some.outputNames).toEqual(names);
    // Whoever asks again, as every picture does, has it planned already.
    expect(network.only!({ outputs: names })).toBe(some);
    const macsOf = async ({ steps }: typeof network) =>
      (await steps([3, 112, 112])).reduce((sum, { macs }) => sum + macs, 0);
    expect(await macsOf(some)).toBeLessThan(0.8 * (await macsOf(network)));

    const image = await photographs(112);
    const { boxes, scores, ...expected } = await network.run({ image });
    expect(await some.run({ image })).toEqual(expected);
    // They are the first rows of all: 3 shapes for each of 7×7 cells.
    for (const [all, first] of [
      [boxes, expected.boxes_16],
      [scores, expected.scores_16],
    ]) {
      const perItem = first!.data.length / 2;
      expect(perItem % 147).toBe(0);
      expect(all!.data.slice(0, perItem)).toEqual(first!.data.slice(0, perItem));
    }
  });

  it.each([['16-bit integers', plain.i16] as const, ['float32', undefined] as const])(
    'gives the same bits where a gate is open, and nothing else, of maps of %s',
    async (_, integers) => {
      const network = createKernelNetwork(await networkOf('ultra-light-rfb-320'), plain, integers);
      const gates = ultraLight.gates!(0.066);
      const part = network.only!({ outputs: network.outputNames, gates }) as typeof network;
      const names = (await part.steps([3, 176, 176])).map(({ name }) => name);
      // Depthwise convolutions of three maps, and the boxes of all four.
      expect(names.filter((name) => name.includes(', where'))).toHaveLength(7);

      const both = { image: await photographs(176) };
      const alone = itemsOf(both, 0, 1);
      const [all, gated] = [await network.run(alone), await part.run(alone)];
      expect(Object.keys(gated)).toEqual(Object.keys(all));
      const counts = { open: 0, shut: 0 };
      for (const { by, least, outputs } of gates) {
        const logits = all[by]!.data;
        const priors = by === 'logits_8' || by === 'logits_64' ? 3 : 2;
        const cells = [...Array(logits.length / priors).keys()];
        const isOpen = (cell: number) =>
          logits.subarray(cell * priors, (cell + 1) * priors).some((logit) => logit >= least);
        const open = cells.filter(isOpen);
        counts.open += open.length;
        counts.shut += cells.length - open.length;
        for (const name of outputs) {
          const { data, shape } = all[name]!;
          const length = data.length / cells.length;
          const values = open.flatMap((cell) => [...data.subarray(cell * length, (cell + 1) * length)]);
          expect(gated[name]).toEqual({
            data: Float32Array.from(values),
            shape: [1, open.length * priors, shape[2]],
            cells: Int32Array.from(open),
          });
        }
      }
      expect(counts.open).toBeGreaterThan(10);
      expect(counts.shut).toBeGreaterThan(200);
      await expect(part.run(both)).rejects.toThrow('one image');
    },
  );
});

describe('the backend', () => {
  const refusing: InferenceBackend = {
    load: () => Promise.reject(new Error('asked the other')),
  };

  it('runs what there are kernels for', async () => {
    const backend = createKernelBackend(refusing);
    const network = await backend.load(await shippedPack('face-expression').build(readAsset));
    expect(network.runsOn).toBe('phiz kernels, WASM SIMD, 16-bit integers');
    const image = await photographs(112);
    const [reference, { logits }] = [
      await (await onnxBackend()).load(await shippedPack('face-expression').build(readAsset)),
      await network.run({ image }),
    ];
    expect(deviation(logits, (await reference.run({ image })).logits)).toBeLessThan(0.01);
    await expect(network.run({ image: { ...image, shape: [2, 3, 112, 111] } })).rejects.toThrow(RangeError);
  });

  it('has one memory for all its networks, also for those that come while others run', async () => {
    const model = (id: string) => shippedPack(id).build(readAsset);
    const alone = async (id: string, image: Tensor) =>
      (await createKernelBackend(refusing).load(await model(id))).run({ image });
    const [small, large] = [await photographs(112), await photographs(192)];
    const shared = createKernelBackend(refusing);
    const first = await shared.load(await model('face-expression'));
    await first.run({ image: small });
    const second = await shared.load(await model('ssd-mobilenetv1'));
    const third = await shared.load(await model('age-gender'));
    // A larger arena than any before, and then what was planned in the smaller ones.
    expect(await second.run({ image: large })).toEqual(await alone('ssd-mobilenetv1', large));
    expect(await first.run({ image: small })).toEqual(await alone('face-expression', small));
    expect(await third.run({ image: small })).toEqual(await alone('age-gender', small));
  });

  it('says on which instructions a network runs that needs no reproducible ones', async () => {
    const { ranges: _, ...graph } = await networkOf('face-recognition');
    const { runsOn } = await createKernelBackend(refusing).load(writeOnnx(graph));
    const simd = simdLevel() === 'relaxed' ? 'relaxed SIMD' : 'SIMD';
    expect(runsOn).toBe(`phiz kernels, WASM ${simd}, float32`);
  });

  it('leaves other networks, and what is none, to the other backend', async () => {
    const graph = await networkOf('face-expression');
    const [first, ...rest] = graph.nodes;
    const unknown = { ...graph, nodes: [{ ...first!, op: 'Erf' }, ...rest] };
    const backend = createKernelBackend(refusing);
    await expect(backend.load(writeOnnx(unknown))).rejects.toThrow('asked the other');
    await expect(backend.load(new Uint8Array([1, 2, 3]))).rejects.toThrow('asked the other');
  });
});
