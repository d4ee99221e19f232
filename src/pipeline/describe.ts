import { estimateAgeAndGender } from '../face/age-gender.ts';
import { embed } from '../face/embedding.ts';
import { recognizeEmotions } from '../face/emotions.ts';
import type { AlignedFace, AttributeName, Face } from '../face/face.ts';
import { fivePoints, landmarksInChips } from '../face/landmarks.ts';

import { invert, transform } from '../image/geometry.ts';
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
  const agesAndGenders =
    wanted.has('age') || wanted.has('gender')
      ? await time('age', async () => estimateAgeAndGender(await models.network('age-gender'), chips))
      : [];
  checkpoint();
  const emotions = wanted.has('emotions')
    ? await time('emotions', async () => recognizeEmotions(await models.network('emotions'), chips))
    : [];
  checkpoint();
  const landmarks = wanted.has('landmarks')
    ? await time('quality', async () => landmarksInChips(await models.network('landmarks'), chips))
    : [];

  return {
    timings,
    faces: faces.map(({ box, confidence, chip, toChip }, index) => {
      const { age, gender } = agesAndGenders[index] ?? {};
      const toPicture = invert(toChip);
      const all = landmarks[index]?.map((point) => transform(toPicture, point));
      return {
        box,
        confidence,
        ...(wanted.has('embedding') && { embedding: embeddings[index] as Float32Array }),
        ...(wanted.has('age') && { age: age as number }),
        ...(wanted.has('gender') && { gender }),
        ...(wanted.has('emotions') && { emotions: emotions[index] }),
        ...(wanted.has('chip') && { chip }),
        ...(all && { landmarks: { five: fivePoints(all), all } }),
      } as Face;
    }),
  };
}
