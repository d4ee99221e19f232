import { estimateAgeAndGender } from '../face/age-gender.ts';
import { assess } from '../face/assess.ts';
import { embed } from '../face/embedding.ts';
import { recognizeEmotions } from '../face/emotions.ts';
import type { AlignedFace, AttributeName, Face } from '../face/face.ts';
import { fivePoints } from '../face/landmarks.ts';
import type { Models } from './models.ts';
import { createStopwatch } from './stopwatch.ts';
import type { Checkpoint, Described } from './work.ts';

/** Computes what was asked for of aligned faces: from their chips alone. */
export async function describe(
  models: Models,
  faces: readonly AlignedFace[],
  attributes: readonly AttributeName[],
  checkpoint: Checkpoint,
): Promise<Described> {
  const { time, timings } = createStopwatch();
  const wanted = new Set(attributes);
  const chips = faces.map(({ chip }) => chip);
  if (chips.length === 0) return { faces: [], timings };

  const embeddings = wanted.has('embedding')
    ? await time('embedding', async () => embed(await models.network('embedding'), chips))
    : [];
  checkpoint();
  // One network tells both.
  const ageAndGender = (['age', 'gender'] as const).filter((name) => wanted.has(name));
  const agesAndGenders = ageAndGender.length
    ? await time(ageAndGender, async () => estimateAgeAndGender(await models.network('age-gender'), chips))
    : [];
  checkpoint();
  const emotions = wanted.has('emotions')
    ? await time('emotions', async () => recognizeEmotions(await models.network('emotions'), chips))
    : [];
  checkpoint();
  const assessments =
    wanted.has('landmarks') || wanted.has('headPose') || wanted.has('quality')
      ? await time('quality', async () => assess(await models.network('landmarks'), faces))
      : [];

  return {
    timings,
    faces: faces.map(({ box, confidence, chip }, index) => {
      const { age, gender } = agesAndGenders[index] ?? {};
      const { landmarks, headPose, quality } = assessments[index] ?? {};
      return {
        box,
        confidence,
        ...(wanted.has('embedding') && { embedding: embeddings[index] as Float32Array }),
        ...(wanted.has('age') && { age: age as number }),
        ...(wanted.has('gender') && { gender }),
        ...(wanted.has('emotions') && { emotions: emotions[index] }),
        ...(wanted.has('chip') && { chip }),
        ...(wanted.has('landmarks') &&
          landmarks && { landmarks: { five: fivePoints(landmarks), all: landmarks } }),
        ...(wanted.has('headPose') && { headPose }),
        ...(wanted.has('quality') && { quality }),
      } as Face;
    }),
  };
}
