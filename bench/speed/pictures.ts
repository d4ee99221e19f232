import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Box } from '../../src/image/geometry.ts';

const samples = fileURLToPath(new URL('../node_modules/@vladmandic/face-api/demo/', import.meta.url));

/** The JPEG file of a sample photograph. */
export const sampleFile = (sample: keyof typeof facesOfSamples): string =>
  join(samples, `sample${sample}.jpg`);

/** A picture of the work: a file, and the faces that are to be found in it. */
export interface BenchPicture {
  readonly name: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  /** In pixels. */
  readonly faces: readonly Box[];
}

/** The steps from a sample to a picture: cut out, set in the midst of a larger one, scaled. */
interface Recipe {
  readonly name: string;
  readonly sample: keyof typeof facesOfSamples;
  /** The part that is cut out of the sample, in its pixels; without it, all. */
  readonly crop?: Box;
  /** Pixels added on the left and above by repeating the border, before scaling. */
  readonly border?: { readonly left: number; readonly top: number };
  /** Width of the result in pixels; without it, the sample's own file is the picture. */
  readonly width?: number;
}

/** The faces of the samples, from brow to chin, marked and looked at by hand. */
export const facesOfSamples = {
  1: [box(411, 355, 592, 592), box(837, 418, 1028, 643), box(1475, 199, 1675, 435)],
  2: [box(1446, 155, 1641, 395), box(899, 224, 1051, 449), box(350, 130, 525, 420)],
  3: [box(585, 332, 783, 601), box(1515, 289, 1682, 572), box(1075, 200, 1305, 530)],
  4: [box(245, 180, 422, 440), box(663, 50, 848, 312), box(980, 160, 1170, 415), box(1276, 132, 1425, 388)],
  5: [
    box(371, 854, 552, 1153),
    box(787, 110, 941, 320),
    box(1118, 191, 1277, 432),
    box(608, 425, 772, 661),
    box(1405, 388, 1573, 663),
  ],
  6: [box(1484, 240, 1705, 575), box(246, 460, 457, 775), box(680, 320, 839, 626), box(1180, 309, 1368, 581)],
} as const;

const recipes: readonly Recipe[] = [
  { name: 'sample 1', sample: 1 },
  { name: 'sample 2', sample: 2 },
  { name: 'sample 3', sample: 3 },
  { name: 'sample 4', sample: 4 },
  { name: 'sample 5', sample: 5 },
  { name: 'sample 6', sample: 6 },
  { name: 'small portrait', sample: 3, crop: box(385, 182, 985, 982), width: 480 },
  { name: 'five small faces', sample: 5, width: 640 },
  {
    name: 'one small face',
    sample: 1,
    crop: box(0, 0, 780, 1280),
    border: { left: 2340, top: 1060 },
    width: 1600,
  },
  { name: 'one large face', sample: 3, crop: box(980, 100, 1400, 620), width: 1140 },
  { name: 'no face', sample: 4, crop: box(0, 700, 1920, 1448), width: 1920 },
  { name: 'a megapixel', sample: 2, width: 1224 },
  { name: '6 megapixels', sample: 4, width: 2820 },
  { name: '12 megapixels, portrait', sample: 3, crop: box(850, 0, 1450, 800), width: 3024 },
  { name: '24 megapixels', sample: 1, width: 6000 },
];

/** The pictures whose time idle cores are to shorten: a usual frame, beside two pictures of the work. */
const frame: Recipe = {
  name: '1920×1280, four faces',
  sample: 4,
  crop: box(0, 0, 1920, 1280),
  width: 1920,
};
const alsoWithIdleCores = ['small portrait', '24 megapixels'];

/** The pictures of a smoke test: faces of a usual size, a large one, a small one, none. */
const quickNames = ['sample 5', 'small portrait', 'one large face', 'no face'];

/** Quality of the JPEG files, 4:2:0, as cameras and libraries write them. */
const quality = 90;

/**
 * The pictures of the work: the samples, and JPEG files made of them in a folder.
 *
 * @param quick a few of them alone
 */
export async function makePictures(folder: string, quick: boolean): Promise<BenchPicture[]> {
  await mkdir(folder, { recursive: true });
  const wanted = recipes.filter(({ name }) => !quick || quickNames.includes(name));
  return Promise.all(wanted.map((recipe) => makePicture(folder, recipe)));
}

/** The pictures that are answered one at a time on an idle machine. */
export async function makeFrames(folder: string, pictures: readonly BenchPicture[]): Promise<BenchPicture[]> {
  await mkdir(folder, { recursive: true });
  const others = pictures.filter(({ name }) => alsoWithIdleCores.includes(name));
  return [await makePicture(folder, frame), ...others];
}

async function makePicture(folder: string, recipe: Recipe): Promise<BenchPicture> {
  const { name, sample, crop, border, width } = recipe;
  const file = sampleFile(sample);
  const size = await sharp(file).metadata();
  const faces = facesOfSamples[sample];
  if (width === undefined) return { name, path: file, width: size.width, height: size.height, faces };

  const part = crop ?? box(0, 0, size.width, size.height);
  const { left, top } = border ?? { left: 0, top: 0 };
  const scale = width / (part.right - part.left + left);
  const height = Math.round((part.bottom - part.top + top) * scale);
  const cut = await sharp(file)
    .extract({
      left: part.left,
      top: part.top,
      width: part.right - part.left,
      height: part.bottom - part.top,
    })
    .extend({ left, top, extendWith: 'copy' })
    .png()
    .toBuffer();
  const path = join(folder, `${name.replaceAll(/[ ,]+/g, '-')}.jpg`);
  await sharp(cut).resize(width, height, { fit: 'fill' }).jpeg({ quality }).toFile(path);

  const place = ({ left: l, top: t, right, bottom }: Box): Box =>
    box(
      (l - part.left + left) * scale,
      (t - part.top + top) * scale,
      (right - part.left + left) * scale,
      (bottom - part.top + top) * scale,
    );
  return { name, path, width, height, faces: faces.filter((face) => isInside(face, part)).map(place) };
}

function box(left: number, top: number, right: number, bottom: number): Box {
  return { left, top, right, bottom };
}

function isInside(inner: Box, outer: Box): boolean {
  return (
    inner.left >= outer.left &&
    inner.right <= outer.right &&
    inner.top >= outer.top &&
    inner.bottom <= outer.bottom
  );
}
