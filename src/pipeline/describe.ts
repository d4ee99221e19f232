import { base64Bytes, encodeBase64 } from '../base64.ts';
import type { FivePoints } from '../detect/detector.ts';
import type { AgeAndGender } from '../face/age-gender.ts';
import { fiveInChips, movedBy } from '../face/align.ts';
import { assess } from '../face/assess.ts';
import type { AlignedFace, AttributeName, Face } from '../face/face.ts';
import { encodePng, usePng } from '../image/encode-png.ts';
import { invert } from '../image/geometry.ts';
import type { Raster } from '../image/raster.ts';
import type { ChipForm } from './extraction.ts';
import type { Models } from './models.ts';
import { createStopwatch, type Stopwatch } from './stopwatch.ts';
import type { Checkpoint, Described } from './work.ts';

/** Computes what was asked for of aligned faces: from their chips alone. */
export async function describe(
  models: Models,
  faces: readonly AlignedFace[],
  attributes: readonly AttributeName[],
  checkpoint: Checkpoint,
  form: ChipForm = 'pixels',
): Promise<Described> {
  const { time, timings } = createStopwatch();
  const wanted = new Set(attributes);
  const chips = faces.map(({ chip }) => chip);
  if (chips.length === 0) return { faces: [], timings };

  const embeddings = wanted.has('embedding')
    ? await time('embedding', async () => (await models.embedder())(chips))
    : [];
  const { ages, genders } = await estimate(models, chips, wanted, time);
  const emotions = wanted.has('emotions')
    ? await time('emotions', async () => (await models.emotions())(chips))
    : [];
  const assessments =
    wanted.has('landmarks') || wanted.has('headPose') || wanted.has('quality')
      ? await time('quality', async () => assess(await models.landmarker(), faces))
      : [];
  const files: ChipFile[] = [];
  if (wanted.has('chip') && form !== 'pixels') {
    for (const chip of chips) {
      checkpoint();
      files.push(await time('encode', () => fileOf(chip, form)));
    }
  }

  const five = wanted.has('landmarks') ? await time('quality', () => fiveInPicture(models, faces)) : [];

  return {
    timings,
    faces: faces.map(({ box, confidence, chip }, index) => {
      const { landmarks, headPose, quality } = assessments[index] ?? {};
      return {
        box,
        confidence,
        ...(wanted.has('embedding') && { embedding: embeddings[index]! }),
        ...(wanted.has('age') && { age: ages[index]?.age }),
        ...(wanted.has('gender') && { gender: genders[index]?.gender }),
        ...(wanted.has('emotions') && { emotions: emotions[index] }),
        ...(wanted.has('chip') && (form === 'pixels' ? { chip } : { png: files[index] })),
        ...(wanted.has('landmarks') && { landmarks: { five: five[index], all: landmarks } }),
        ...(wanted.has('headPose') && { headPose }),
        ...(wanted.has('quality') && { quality }),
      } as Face;
    }),
  };
}

type ChipFile = NonNullable<Face['png']>;

function fileOf(chip: Raster, form: Exclude<ChipForm, 'pixels'>): ChipFile {
  switch (form) {
    case 'png':
      return encodePng(chip);
    case 'base64':
      return usePng(chip, encodeBase64);
    case 'base64-bytes':
      return usePng(chip, base64Bytes);
  }
}

/** The points on which faces are aligned, in pixels of their picture; those of posted chips are looked for. */
async function fiveInPicture(models: Models, faces: readonly AlignedFace[]): Promise<FivePoints[]> {
  const posted = faces.filter(({ five }) => !five).map(({ chip }) => chip);
  const found = posted.length > 0 ? await fiveInChips(await models.mesh(), posted) : [];
  return faces.map(({ five, toChip }) => movedBy(invert(toChip), five ?? found.shift()!));
}

/** Ages and genders, in one go where one network tells both. */
async function estimate(
  models: Models,
  chips: readonly Raster[],
  wanted: ReadonlySet<AttributeName>,
  time: Stopwatch['time'],
): Promise<{ ages: readonly AgeAndGender[]; genders: readonly AgeAndGender[] }> {
  const ofAge = wanted.has('age') ? await models.ageAndGender('age') : undefined;
  const ofGender = wanted.has('gender') ? await models.ageAndGender('gender') : undefined;
  if (ofAge && ofAge === ofGender) {
    const both = await time(['age', 'gender'], () => ofAge(chips));
    return { ages: both, genders: both };
  }
  return {
    ages: ofAge ? await time('age', () => ofAge(chips)) : [],
    genders: ofGender ? await time('gender', () => ofGender(chips)) : [],
  };
}
