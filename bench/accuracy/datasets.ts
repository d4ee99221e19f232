import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type EmotionLabel, emotionLabels } from '../../src/face/face.ts';
import type { Box } from '../../src/image/geometry.ts';

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

/** UTKFace's labels of its fourth field, by number. */
const utkFaceGroups = ['White', 'Black', 'Asian', 'Indian', 'other'] as const;

/**
 * `boxes.json`: picture → list of [x, y, width, height] in pixels.
 *
 * @throws where there is no such folder or its content is not as described.
 */
export async function readDetection(folder: string): Promise<DetectionSample[]> {
  const text = await readFile(join(folder, 'boxes.json'), 'utf8');
  const boxes: Record<string, [number, number, number, number][]> = JSON.parse(text);
  return Object.entries(boxes).map(([file, faces]) => ({
    path: join(folder, file),
    faces: faces.map(([x, y, width, height]) => ({ left: x, top: y, right: x + width, bottom: y + height })),
  }));
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
