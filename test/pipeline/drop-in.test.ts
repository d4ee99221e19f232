import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { alignedFaces } from '../../bench/aligned-faces.ts';
import { catalogue } from '../../models/catalogue.ts';
import type { NetworkFiles } from '../../src/create-engine.ts';
import { detectorFamilies } from '../../src/detect/families.ts';
import type { AttributeName, Face } from '../../src/face/face.ts';
import { encodePng } from '../../src/image/encode-png.ts';
import type { Raster } from '../../src/image/raster.ts';
import { createInstance } from '../../src/pipeline/create-instance.ts';
import type { DetectorChoice } from '../../src/pipeline/extraction.ts';
import { readManifest } from '../../src/pipeline/manifest.ts';
import { filePack, networkAsset } from '../../src/pipeline/pack.ts';
import { defaultSettings, type InstanceSettings, type ModelIds } from '../../src/pipeline/settings.ts';
import type { Instance } from '../../src/pipeline/work.ts';
import { readAsset } from '../models/assets.ts';
import {
  faceOfCell,
  type MeansOptions,
  meansNetwork,
  networkOf,
  smallScrfd,
  smallYunet,
} from './small-networks.ts';

const none: ModelIds = { detector: '', lightDetector: '', embedding: '', age: '', gender: '', emotions: '' };
const instances: Instance[] = [];

afterEach(async () => {
  await Promise.all(instances.splice(0).map((instance) => instance.close()));
});

/** The product's instance with one network in place of its own, loaded. */
async function start(
  { manifest, read }: NetworkFiles,
  models: Partial<ModelIds>,
  settings: Partial<InstanceSettings> = {},
): Promise<Instance> {
  const files = new Map(manifest.files.map(({ name }) => [networkAsset(manifest.id, name), name]));
  const platform = {
    name: 'test',
    cores: 1,
    catalogue,
    readAsset: (name: string) => (files.has(name) ? read(files.get(name)!) : readAsset(name)),
  };
  const instance = createInstance(platform, {
    ...defaultSettings,
    ...settings,
    models: { ...none, ...models },
    manifests: [manifest],
  });
  await instance.ready();
  instances.push(instance);
  return instance;
}

async function facesIn(
  instance: Instance,
  picture: Uint8Array,
  detector: DetectorChoice,
  attributes: readonly AttributeName[],
): Promise<readonly Face[]> {
  const [outcome] = await instance.locate(picture, [{ detector, attributes }], () => {});
  if (!outcome?.ok) throw outcome?.error;
  const { value } = outcome;
  return value.aligned ? (await instance.describe(value.faces, attributes, () => {})).faces : value.faces;
}

function filled(width: number, height: number, colour: readonly [number, number, number]): Raster {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, index) => colour[index % 3]!);
  return { width, height, data };
}

const orange: readonly [number, number, number] = [255, 128, 0];

/** What a face network says of a chip that is orange all over. */
async function ofOrange(
  network: NetworkFiles,
  models: Partial<ModelIds>,
  attributes: readonly AttributeName[],
) {
  const instance = await start(network, models);
  const [face] = await facesIn(instance, encodePng(filled(224, 224, orange)), 'none', attributes);
  return face!;
}

const crop = { eyeHalfDistance: 0.16, eyeHeight: 0.45 };
const square = (side: number) => ({ width: side, height: side });

const rows = (count: number) =>
  Array.from({ length: count }, (_, row): [number, number, number] => [
    row % 3,
    (row + 1) % 4,
    (row * row) % 5,
  ]);

/** Unit vector of a matrix times the channel means. */
function direction(matrix: readonly (readonly number[])[], means: readonly number[]): number[] {
  const product = matrix.map((row) =>
    row.reduce((sum, weight, channel) => sum + weight * means[channel]!, 0),
  );
  const length = Math.hypot(...product);
  return product.map((value) => value / length);
}

const embedder = (
  options: Partial<MeansOptions>,
  dimensions: number,
  input: object = {},
  values: object = {},
) =>
  networkOf(
    { decoder: 'embedding', dimensions, crop, input: { size: square(32), ...input }, ...values },
    { 'net.onnx': meansNetwork({ side: 32, outputs: { '683': rows(dimensions) }, ...options }) },
  );

describe('an embedding of one’s own', () => {
  test.each([
    [5, {}, {}, [255, 128, 0]],
    [512, {}, { order: 'BGR' }, [0, 128, 255]],
    [128, {}, { mean: 127.5, scale: 1 / 127.5 }, [1, 0.5 / 127.5, -1]],
    [7, {}, { order: 'BGR', mean: [10, 20, 30], scale: [1, 2, 3] }, [-10, 216, 675]],
    [9, { layout: 'NHWC' }, { layout: 'NHWC', order: 'BGR' }, [0, 128, 255]],
    [6, { batch: 1 }, {}, [255, 128, 0]],
  ] satisfies [number, Partial<MeansOptions>, object, number[]][])(
    'of %d numbers, network %o, input %o',
    async (dimensions, options, input, means) => {
      const face = await ofOrange(embedder(options, dimensions, input), { embedding: 'mine' }, ['embedding']);
      const expected = direction(rows(dimensions), means);
      expect(face.embedding).toHaveLength(dimensions);
      for (const [index, value] of expected.entries()) expect(face.embedding![index]).toBeCloseTo(value, 5);
    },
  );

  test('made for a batch of one describes several faces, each by itself', async () => {
    const instance = await start(embedder({ batch: 1 }, 3), { embedding: 'mine' });
    const colours = [orange, [0, 0, 200], [40, 200, 10]] as const;
    const chips = await Promise.all(
      colours.map(async (colour) => {
        const [outcome] = await instance.locate(
          encodePng(filled(224, 224, colour)),
          [{ detector: 'none', attributes: ['embedding'] }],
          () => {},
        );
        return alignedFaces(outcome)[0]!;
      }),
    );
    const { faces } = await instance.describe(chips, ['embedding'], () => {});
    for (const [index, colour] of colours.entries()) {
      for (const [at, value] of direction(rows(3), colour).entries()) {
        expect(faces[index]!.embedding![at]).toBeCloseTo(value, 5);
      }
    }
  });
});

describe('age and gender of one’s own', () => {
  // Rows of [1/255, 0, 0] answer 1 for a picture whose first channel is 255.
  const times = (value: number): [number, number, number] => [value / 255, 0, 0];
  const ageGender = (decoder: string, outputs: MeansOptions['outputs']) =>
    networkOf(
      { decoder, crop, input: { size: square(32) } },
      { 'net.onnx': meansNetwork({ side: 32, outputs }) },
    );
  const both = { age: 'mine', gender: 'mine' };

  test('as face-api says it', async () => {
    const network = ageGender('age-gender', { age: [times(31)], gender: [times(0.25), times(2)] });
    const { age, gender } = await ofOrange(network, both, ['age', 'gender']);
    expect(age).toBeCloseTo(31, 4);
    expect(gender!.label).toBe('female');
    expect(gender!.score).toBeCloseTo(-1.75, 5);
  });

  test('as faceres says it: the mean of a hundred classes', async () => {
    const classes = Array.from({ length: 100 }, (_, year) => times(year === 40 || year === 42 ? 30 : 0));
    const network = ageGender('age-gender-faceres', { a: classes, b: [times(1.5)] });
    const { age, gender } = await ofOrange(network, both, ['age', 'gender']);
    expect(age).toBeCloseTo(41, 4);
    expect(gender).toMatchObject({ label: 'male' });
    expect(gender!.score).toBeCloseTo(1.5, 5);
  });

  test('as InsightFace says it: female, male, age in hundreds', async () => {
    const network = ageGender('age-gender-insightface', { fc1: [times(0.5), times(2), times(0.27)] });
    const { age, gender } = await ofOrange(network, both, ['age', 'gender']);
    expect(age).toBeCloseTo(27, 4);
    expect(gender!.score).toBeCloseTo(1.5, 5);
  });

  test('as FairFace says it: groups of ages, and groups of people that are not read', async () => {
    const groups = Array.from({ length: 9 }, (_, group) => times(group === 3 || group === 4 ? 30 : 0));
    const people = Array.from({ length: 7 }, () => times(1));
    const network = ageGender('age-gender-fairface', {
      race_output: people,
      gender_output: [times(0), times(3)],
      age_output: groups,
    });
    const { age, gender } = await ofOrange(network, both, ['age', 'gender']);
    expect(age).toBeCloseTo(30, 4);
    expect(gender!.score).toBeCloseTo(-3, 5);
  });

  test('for one of the two, beside the network that ships', async () => {
    const network = ageGender('age-gender', { age: [times(31)], gender: [times(0), times(2)] });
    const { age, gender } = await ofOrange(network, { age: 'mine', gender: 'default' }, ['age', 'gender']);
    expect(age).toBeCloseTo(31, 4);
    expect(gender!.score).not.toBeCloseTo(-2, 2);
  });
});

describe('emotions of one’s own', () => {
  const labels = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'] as const;
  const logits = labels.map((_, index): [number, number, number] => [index === 1 ? 3 / 255 : 0, 0, 0]);
  const network = networkOf(
    { decoder: 'emotion', labels, crop, input: { size: square(32) } },
    { 'net.onnx': meansNetwork({ side: 32, outputs: { label: logits } }) },
  );
  const likely = Math.exp(3) / (Math.exp(3) + 6);

  test('in the order of their labels', async () => {
    const { emotions } = await ofOrange(network, { emotions: 'mine' }, ['emotions']);
    expect(emotions![0]!.label).toBe('disgust');
    expect(emotions![0]!.probability).toBeCloseTo(likely, 5);
  });

  test('beside another network, whose labels come in another order: the mean of the two', async () => {
    const probabilities = async (emotions: string | readonly string[]) => {
      const face = await ofOrange(network, { emotions }, ['emotions']);
      return new Map(face.emotions!.map(({ label, probability }) => [label, probability]));
    };
    const alone = await probabilities('face-expression');
    const both = await probabilities(['mine', 'face-expression']);
    for (const label of labels) {
      const own = label === 'disgust' ? likely : (1 - likely) / 6;
      expect(both.get(label)).toBeCloseTo((own + alone.get(label)!) / 2, 5);
    }
    expect([...both.values()]).toEqual([...both.values()].toSorted((a, b) => b - a));
  });
});

describe('a detector of one’s own', () => {
  /** Black but for a cell of 32×32 pixels. */
  function pictureWithCell(left: number, top: number): Uint8Array {
    const raster = filled(320, 256, [0, 0, 0]);
    for (let y = top; y < top + 32; y++)
      raster.data.fill(255, 3 * (y * 320 + left), 3 * (y * 320 + left + 32));
    return encodePng(raster);
  }

  test.each([
    ['yunet', smallYunet, 'BGR'],
    ['scrfd', smallScrfd, 'RGB'],
  ] as const)('of the family %s finds the face where it is', async (decoder, write, order) => {
    const network = networkOf(
      { decoder, input: { order, size: { multipleOf: 32 } } },
      { 'net.onnx': write() },
    );
    // Sizes at which the picture is looked at as it is, with a margin of half a cell.
    const { least } = detectorFamilies[decoder].reliable;
    const instance = await start(network, { detector: 'mine' }, { faces: { least, most: 100 } });
    for (const [left, top] of [
      [80, 48],
      [176, 112],
    ] as const) {
      const faces = await facesIn(instance, pictureWithCell(left, top), 'primary', []);
      expect(faces.map(({ box }) => box)).toEqual([
        {
          left: left + faceOfCell.left,
          top: top + faceOfCell.top,
          right: left + faceOfCell.right,
          bottom: top + faceOfCell.bottom,
        },
      ]);
    }
  });

  test('is a TensorFlow.js graph model in its two files: BlazeFace finds the faces of a photograph', async () => {
    const models = new URL('../../node_modules/@vladmandic/human/models/', import.meta.url);
    const [json, weights, photograph] = await Promise.all(
      [new URL('blazeface.json', models), new URL('blazeface.bin', models), sample1].map((url) =>
        readFile(url),
      ),
    );
    const network = networkOf(
      {
        format: 'tfjs',
        decoder: 'blazeface',
        input: { layout: 'NHWC', mean: 127.5, scale: 1 / 127.5, size: square(256) },
      },
      { 'blazeface.json': json!, 'blazeface.bin': weights! },
    );
    const instance = await start(network, { lightDetector: 'mine' }, { faces: { least: 150, most: 1000 } });
    expect(await facesIn(instance, photograph!, 'light', [])).toHaveLength(3);
  });
});

const sample1 = new URL('../../node_modules/@vladmandic/face-api/demo/sample1.jpg', import.meta.url);

describe('a manifest that does not fit its file is refused with the reason', () => {
  const refusal = (network: NetworkFiles, models: Partial<ModelIds>) =>
    start(network, models).then(
      () => 'none',
      (error: Error) => error.message,
    );

  test.each<[string, NetworkFiles, Partial<ModelIds>, RegExp]>([
    [
      'another number of dimensions',
      embedder({ outputs: { v: rows(6) } }, 5),
      { embedding: 'mine' },
      /^the manifest of mine does not fit its file: expected one output embedding of 5 values, found v of 6$/,
    ],
    [
      'another size of input',
      embedder({ side: 40 }, 5),
      { embedding: 'mine' },
      /does not run at 32×32 pixels: .*40/,
    ],
    [
      'another layout',
      embedder({ layout: 'NHWC' }, 5),
      { embedding: 'mine' },
      /does not run at 32×32 pixels/,
    ],
    [
      'another name of the input',
      embedder({}, 5, { name: 'data' }),
      { embedding: 'mine' },
      /it has no input data, but pixels$/,
    ],
    [
      'an output that is missing',
      networkOf(
        { decoder: 'age-gender', crop, input: { size: square(32) } },
        { 'net.onnx': meansNetwork({ side: 32, outputs: { age: rows(1) } }) },
      ),
      { age: 'mine' },
      /expected one output gender of 2 values, found age of 1$/,
    ],
    [
      'another family of detectors',
      networkOf({ decoder: 'scrfd', input: { size: { multipleOf: 32 } } }, { 'net.onnx': smallYunet() }),
      { detector: 'mine' },
      /an SCRFD has 9 outputs, found 12$/,
    ],
    [
      'no model at all',
      networkOf(
        { decoder: 'yunet', input: { size: { multipleOf: 32 } } },
        { 'net.onnx': Uint8Array.of(1, 2, 3) },
      ),
      { detector: 'mine' },
      /^the network cannot be loaded: /,
    ],
    [
      'a network for another task',
      networkOf({ decoder: 'yunet', input: { size: { multipleOf: 32 } } }, { 'net.onnx': smallYunet() }),
      { embedding: 'mine' },
      /^embedding: expected a network for embedding, mine is one for detection$/,
    ],
  ])('%s', async (_, network, models, reason) => {
    const message = await refusal(network, models);
    expect(message).toMatch(reason);
    expect(message.split('\n')).toHaveLength(1);
  });
});

test.each<[object, string]>([
  [{ decoder: 'yolo' }, 'decoder: expected a decoder of ssd-mobilenet, yunet,'],
  [{ decoder: undefined }, 'expected a decoder'],
  [{ dimensions: 0 }, 'dimensions: expected'],
  [{ dimension: 5 }, 'dimension: expected no such key'],
  [{ id: '../x' }, 'id: expected an id of small letters'],
  [
    { files: [{ name: '../x', sha256: 'a'.repeat(64) }] },
    'files.0.name: expected a file name without a folder',
  ],
  [{ files: [{ name: 'x', sha256: 'a' }] }, 'files.0.sha256: expected a SHA-256 of 64'],
  [
    { input: { size: { width: 100_000, height: 100_000 } } },
    'input.size.width: expected a whole number of pixels',
  ],
  [{ input: { size: { width: 32, height: 40 } } }, 'input.size: expected a width that equals the height'],
  [{ input: { size: square(32), order: 'GBR' } }, 'input.order: expected RGB or BGR'],
  [{ crop: { eyeHalfDistance: 2, eyeHeight: 0.3 } }, 'crop.eyeHalfDistance: expected a share below 1'],
])('a manifest with %o is refused: %s', (values, message) => {
  const { manifest } = embedder({}, 5);
  expect(() => readManifest({ ...manifest, ...values })).toThrow(message);
});

test('a pack of files reads what its manifest names', () => {
  expect(filePack(embedder({}, 5).manifest).assets).toEqual(['networks/mine/net.onnx']);
});
