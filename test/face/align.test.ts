import { afterAll, beforeAll, expect, test } from 'vitest';
import { degradations } from '../../bench/accuracy/degrade.ts';
import { alignedFaces } from '../../bench/aligned-faces.ts';
import type { FivePoints } from '../../src/detect/detector.ts';
import { alignments } from '../../src/face/align.ts';
import { chipSize } from '../../src/face/template.ts';
import {
  type Affine,
  type Box,
  compose,
  invert,
  longerSide,
  type Point,
  transform,
} from '../../src/image/geometry.ts';
import type { Picture } from '../../src/image/picture.ts';
import type { Raster } from '../../src/image/raster.ts';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import { warpPicture } from '../../src/image/warp.ts';
import type { ImageNetwork } from '../../src/nn/batch.ts';
import type { Instance } from '../../src/pipeline/work.ts';
import { loadMesh } from './mesh-network.ts';
import { instanceLookingAt, photograph } from './photographs.ts';

/** A face as it was found, and the map to its chip. */
interface Found {
  readonly box: Box;
  readonly toChip: Affine;
}

let picture: Picture;
let instance: Instance;
beforeAll(() => {
  instance = instanceLookingAt(() => picture);
});
afterAll(() => instance.close());

/** The faces of a picture as the product finds and aligns them. */
async function found(raster: Raster): Promise<Found[]> {
  picture = rasterPicture(raster);
  const [outcome] = await instance.locate(new Uint8Array(), [{ attributes: ['chip'] }], () => {});
  return [...alignedFaces(outcome)];
}

async function withMesh<Result>(work: (mesh: ImageNetwork) => Promise<Result>): Promise<Result> {
  const mesh = await loadMesh();
  try {
    return await work(mesh);
  } finally {
    await mesh.network.close();
  }
}

/** How far two maps bring the same places of a chip apart: the largest distance, in chip pixels. */
function distance(first: Affine, second: Affine): number {
  const places = [0.25, 0.75].flatMap((x) => [0.25, 0.75].map((y) => ({ x: x * chipSize, y: y * chipSize })));
  const moved = places.map((place) => transform(first, transform(invert(second), place)));
  return Math.max(...moved.map((point, index) => apart(point, places[index]!)));
}

const apart = (first: Point, second: Point): number => Math.hypot(first.x - second.x, first.y - second.y);

/** Eyes, nose and mouth where a detector might say they are: some pixels of the chip beside. */
const roughly = [
  { x: 80, y: 78 },
  { x: 150, y: 84 },
  { x: 110, y: 120 },
  { x: 85, y: 152 },
  { x: 140, y: 158 },
];

test('where a box was drawn hardly moves a chip, the less so if the detector knows points', async () => {
  const faces = await found(await photograph('sample5.jpg'));
  expect(faces).toHaveLength(5);
  await withMesh(async (mesh) => {
    for (const { box, toChip } of faces) {
      const points = roughly.map((point) => transform(invert(toChip), point)) as unknown as FivePoints;
      for (const shift of [-0.08, 0.08]) {
        const drawn = shifted(box, shift);
        const [byPoints] = await alignments(mesh, picture, [{ box: drawn, confidence: 1, points }]);
        expect(distance(byPoints!.toChip, toChip)).toBeLessThan(6);
        const [byBox] = await alignments(mesh, picture, [{ box: drawn, confidence: 1 }]);
        expect(distance(byBox!.toChip, toChip)).toBeLessThan(10);
      }
    }
  });
});

test('a face that is blurred, small, dark on one side or turned is aligned as it was', async () => {
  const [face] = await found(await photograph('sample6.jpg'));
  const raster = around(picture, face!.box);
  const clean = middlemost(await found(raster));
  const { width, height } = raster;
  for (const [name, toWorse] of [
    ['quarter', reducing(1 / 4)],
    ['blurred', reducing(1)],
    ['side-lit', reducing(1)],
    ['turned-30', turning(30, width, height)],
    ['turned-60', turning(60, width, height)],
  ] as const) {
    const again = middlemost(await found(degradations[name]!(raster, clean.box)));
    expect(distance(compose(again.toChip, toWorse), clean.toChip), name).toBeLessThan(10);
  }
});

/** The face nearest to the picture's middle. */
function middlemost(faces: readonly Found[]): Found {
  const remoteness = ({ box }: Found) =>
    Math.hypot(box.left + box.right - picture.width, box.top + box.bottom - picture.height);
  const [nearest] = [...faces].sort((first, second) => remoteness(first) - remoteness(second));
  return nearest!;
}

/** What lies around a box, three times as wide, in about 200 pixels. */
function around(whole: Picture, box: Box): Raster {
  const side = 3 * longerSide(box);
  const left = Math.max(0, Math.round((box.left + box.right - side) / 2));
  const top = Math.max(0, Math.round((box.top + box.bottom - side) / 2));
  const scale = 200 / side;
  return warpPicture(whole, { a: scale, b: 0, c: -scale * left, d: 0, e: scale, f: -scale * top }, 200, 200);
}

const reducing = (scale: number): Affine => ({ a: scale, b: 0, c: 0, d: 0, e: scale, f: 0 });

/** From a picture to the same turned clockwise about its middle, on a ground as large as it needs. */
function turning(degrees: number, width: number, height: number): Affine {
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const wide = Math.ceil(width * cos + height * sin);
  const high = Math.ceil(width * sin + height * cos);
  return {
    a: cos,
    b: -sin,
    c: (wide - cos * width + sin * height) / 2,
    d: sin,
    e: cos,
    f: (high - sin * width - cos * height) / 2,
  };
}

function shifted({ left, top, right, bottom }: Box, share: number): Box {
  const [dx, dy] = [share * (right - left), share * (bottom - top)];
  return { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy };
}
