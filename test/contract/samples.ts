import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The sample photographs and how many faces each shows. */
export const faceCounts = {
  'sample1.jpg': 3,
  'sample2.jpg': 3,
  'sample3.jpg': 3,
  'sample4.jpg': 4,
  'sample5.jpg': 5,
  'sample6.jpg': 4,
} as const;
export type Sample = keyof typeof faceCounts;
export const samples = Object.keys(faceCounts) as Sample[];

export const pathOf = (sample: Sample) =>
  fileURLToPath(new URL(`../../node_modules/@vladmandic/face-api/demo/${sample}`, import.meta.url));

export const read = (sample: Sample) => readFile(pathOf(sample));
