import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Contender, type Contest, type Failure, start } from './contest.ts';
import { type BenchPicture, facesOfSamples, sampleFile } from './pictures.ts';
import { compareFaces } from './recall.ts';

/** Heights of a face, from brow to chin, in pixels of a picture of {@link width}. */
export const faceHeights = [226, 160, 113, 80, 57, 40, 28] as const;

const width = 1920;
const height = 1280;

/** Faces that are shown at every height, each of another picture. */
const shown = [
  { sample: 1, face: 0 },
  { sample: 2, face: 1 },
  { sample: 3, face: 0 },
  { sample: 4, face: 2 },
  { sample: 5, face: 3 },
  { sample: 6, face: 1 },
] as const;

/** Of what is around a face so much is shown on each side, in heights of the face. */
const context = 1.2;

/** The number of faces that a contestant finds at each height, of as many as `faces`. */
export interface SmallFaces {
  readonly id: string;
  readonly title: string;
  readonly faces: number;
  /** In the order of {@link faceHeights}. */
  readonly found: readonly number[];
}

/**
 * Pictures with one face each, by its height; the face's surroundings go on to the border.
 *
 * @param quick with the first face alone
 */
export async function makeSmallFaces(folder: string, quick: boolean): Promise<BenchPicture[][]> {
  const faces = quick ? shown.slice(0, 1) : shown;
  await mkdir(folder, { recursive: true });
  return Promise.all(
    faceHeights.map((faceHeight) =>
      Promise.all(faces.map((each, index) => makePicture(folder, each, faceHeight, index))),
    ),
  );
}

async function makePicture(
  folder: string,
  { sample, face }: (typeof shown)[number],
  faceHeight: number,
  index: number,
): Promise<BenchPicture> {
  const file = sampleFile(sample);
  const size = await sharp(file).metadata();
  const marked = facesOfSamples[sample][face]!;
  const around = context * (marked.bottom - marked.top);
  const left = Math.max(0, Math.round(marked.left - around));
  const top = Math.max(0, Math.round(marked.top - around));
  const right = Math.min(size.width, Math.round(marked.right + around));
  const bottom = Math.min(size.height, Math.round(marked.bottom + around));
  const scale = faceHeight / (marked.bottom - marked.top);
  const part = { width: Math.round((right - left) * scale), height: Math.round((bottom - top) * scale) };
  // Not in the middle, where a detector has a tile's or a cell's centre.
  const x = Math.round((width - part.width) * (0.3 + 0.08 * index));
  const y = Math.round((height - part.height) * (0.7 - 0.08 * index));
  const path = join(folder, `face-${sample}-${faceHeight}.jpg`);
  await sharp(file)
    .extract({ left, top, width: right - left, height: bottom - top })
    .resize(part.width, part.height, { fit: 'fill' })
    .extend({
      left: x,
      top: y,
      right: width - part.width - x,
      bottom: height - part.height - y,
      extendWith: 'copy',
    })
    .jpeg({ quality: 90 })
    .toFile(path);
  const place = (value: number, from: number, offset: number) => offset + (value - from) * scale;
  const box = {
    left: place(marked.left, left, x),
    top: place(marked.top, top, y),
    right: place(marked.right, left, x),
    bottom: place(marked.bottom, top, y),
  };
  return { name: `face of ${faceHeight} pixels`, path, width, height, faces: [box] };
}

/** Has a contestant look for faces that get smaller. */
export async function measureSmallFaces(
  contender: Contender,
  { checkout, onAnswer }: Pick<Contest, 'checkout' | 'onAnswer'>,
  pictures: readonly (readonly BenchPicture[])[],
): Promise<SmallFaces | Failure> {
  const { id, title } = contender;
  const process = start(contender, checkout, 1, false);
  try {
    await process.ready();
    const found: number[] = [];
    for (const ofHeight of pictures) {
      let count = 0;
      for (const { path, faces } of ofHeight) {
        count += compareFaces(faces, (await process.answer(path)).faces).found;
        onAnswer();
      }
      found.push(count);
    }
    return { id, title, faces: pictures[0]!.length, found };
  } catch (error) {
    return { id, title, failure: error instanceof Error ? error.message : String(error) };
  } finally {
    await process.close();
  }
}
