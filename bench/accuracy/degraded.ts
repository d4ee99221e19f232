import type { Face } from '../../src/face/face.ts';
import { encodePng } from '../../src/image/encode-png.ts';
import type { VerificationSample } from './datasets.ts';
import { degradations } from './degrade.ts';
import { type Acceptances, acceptances, type Bench, describeFace, dot } from './measure.ts';
import { mean } from './metrics.ts';
import { rasterOf } from './one-face.ts';

/** Figures of how well a worse picture of a person is told from those of others. */
export interface DegradedFigures extends Acceptances {
  readonly name: string;
  /** People of whom a picture was made worse, and those of whom no face was found in it. */
  readonly pictures: number;
  readonly missed: number;
  readonly samePairs: number;
  readonly crossPairs: number;
  readonly quality: number;
}

/** A person's first picture, and what was found in it as it is. */
interface Probe {
  readonly sample: VerificationSample;
  readonly face: Face;
}

/**
 * The first picture of each person, made worse, against all others as they are; and for comparison
 * against them as it is.
 *
 * @param faces of the samples as they are
 * @param names of the degradations
 */
export async function measureDegraded(
  bench: Bench,
  samples: readonly VerificationSample[],
  faces: readonly (Face | undefined)[],
  names: readonly string[],
): Promise<DegradedFigures[]> {
  const first = new Map<string, Probe>();
  samples.forEach((sample, index) => {
    const face = faces[index];
    if (face && !first.has(sample.person)) first.set(sample.person, { sample, face });
  });
  const probes = [...first.values()];
  const against = samples.flatMap((sample, index) => {
    const face = faces[index];
    return face ? [{ sample, face }] : [];
  });
  const figures = [
    figuresOf(
      'as it is',
      probes,
      probes.map(({ face }) => face),
      against,
    ),
  ];
  for (const name of names) {
    const degrade = degradations[name]!;
    const worse = await bench.forEach(probes, async ({ sample: { path }, face }) => {
      const read = async () => encodePng(degrade(await rasterOf(await bench.read(path)), face.box));
      return describeFace({ ...bench, read }, path, ['embedding', 'quality']);
    });
    figures.push(figuresOf(name, probes, worse, against));
  }
  return figures;
}

function figuresOf(
  name: string,
  probes: readonly Probe[],
  worse: readonly (Face | undefined)[],
  against: readonly Probe[],
): DegradedFigures {
  const same: number[] = [];
  const cross: number[] = [];
  probes.forEach(({ sample }, index) => {
    const embedding = worse[index]?.embedding;
    if (!embedding) return;
    for (const other of against) {
      if (other.sample === sample) continue;
      const score = dot(embedding, other.face.embedding!);
      (other.sample.person === sample.person ? same : cross).push(score);
    }
  });
  const found = worse.filter((face) => face !== undefined);
  return {
    name,
    pictures: probes.length,
    missed: probes.length - found.length,
    samePairs: same.length,
    crossPairs: cross.length,
    quality: mean(found.map(({ quality }) => quality!)),
    ...acceptances(same, cross),
  };
}
