import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { FivePoints } from '../../src/detect/detector.ts';
import { type EmotionLabel, emotionLabels } from '../../src/face/face.ts';
import type { Box, Point } from '../../src/image/geometry.ts';

/** The labelled pictures of a folder; each kind has a subfolder of its name. */

export interface DetectionSample {
  readonly path: string;
  readonly faces: readonly Box[];
}

export interface VerificationSample {
  readonly path: string;
  readonly person: string;
}

export interface AgeGenderSample {
  readonly path: string;
  /** Years. */
  readonly age: number;
  readonly sex: 'male' | 'female';
  /** UTKFace's own label. */
  readonly group: string;
}

export interface EmotionSample {
  readonly path: string;
  readonly emotion: EmotionLabel;
}

export interface PointsSample {
  readonly path: string;
  readonly faces: readonly { readonly box: Box; readonly five: FivePoints }[];
}

/** A picture in which there is no face. */
export interface NegativeSample {
  readonly path: string;
}

/** UTKFace's labels of its fourth field, by number. */
const utkFaceGroups = ['White', 'Black', 'Asian', 'Indian', 'other'] as const;

/**
 * `boxes.json`: picture → list of [x, y, width, height] in pixels.
 *
 * @throws where there is no such folder or its content is not as described.
 */
export async function readDetection(folder: string): Promise<DetectionSample[]> {
  const text = await readFile(join(folder, 'boxes.json'), 'utf8');
  const boxes: Record<string, WrittenBox[]> = JSON.parse(text);
  return Object.entries(boxes).map(([file, faces]) => ({
    path: join(folder, file),
    faces: faces.map(boxOf),
  }));
}

type WrittenBox = readonly [x: number, y: number, width: number, height: number];

const boxOf = ([x, y, width, height]: WrittenBox): Box => ({
  left: x,
  top: y,
  right: x + width,
  bottom: y + height,
});

/**
 * `points.json`: picture → list of faces, each with its `box` as in `boxes.json` and five `points`
 * [x, y] in pixels, the viewer's left eye first.
 *
 * @throws where there is no such folder or its content is not as described.
 */
export async function readPoints(folder: string): Promise<PointsSample[]> {
  const text = await readFile(join(folder, 'points.json'), 'utf8');
  const written: Record<string, { box: WrittenBox; points: [number, number][] }[]> = JSON.parse(text);
  return Object.entries(written).map(([file, faces]) => ({
    path: join(folder, file),
    faces: faces.map(({ box, points }) => ({
      box: boxOf(box),
      five: points.map(([x, y]): Point => ({ x, y })) as unknown as FivePoints,
    })),
  }));
}

/** Pictures without a face. @throws where there is no such folder. */
export async function readNegatives(folder: string): Promise<NegativeSample[]> {
  return (await listPictures(folder)).map((path) => ({ path }));
}

/** A folder per person. @throws where there is no such folder. */
export async function readVerification(folder: string): Promise<VerificationSample[]> {
  const files = await listPictures(folder);
  return files.map((path) => ({ path, person: firstFolder(folder, path) }));
}

/** UTKFace names: `age_gender_race_time.jpg`. @throws where there is no such folder, or on another name. */
export async function readAgeGender(folder: string): Promise<AgeGenderSample[]> {
  const files = await listPictures(folder);
  return files.map((path) => {
    const fields = /^(\d+)_([01])_([0-4])_/.exec(relative(folder, path));
    if (!fields) throw new Error(`${path}: expected the name age_gender_race_time.jpg`);
    return {
      path,
      age: Number(fields[1]),
      sex: fields[2] === '0' ? 'male' : 'female',
      group: utkFaceGroups[Number(fields[3])]!,
    };
  });
}

/** A folder per emotion. @throws where there is no such folder, or on one of another name. */
export async function readEmotion(folder: string): Promise<EmotionSample[]> {
  const files = await listPictures(folder);
  return files.map((path) => {
    const name = firstFolder(folder, path);
    const emotion = emotionLabels.find((label) => label === name);
    if (!emotion) throw new Error(`${path}: no emotion is called ${name}`);
    return { path, emotion };
  });
}

function firstFolder(root: string, path: string): string {
  return relative(root, path).split(sep)[0]!;
}

async function listPictures(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(jpe?g|png|webp)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
