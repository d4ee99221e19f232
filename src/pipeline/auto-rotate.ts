import type { Assessment } from '../face/assess.ts';
import type { AlignedFace } from '../face/face.ts';
import { type Affine, area, type Box, compose, intersect } from '../image/geometry.ts';
import { turn, turnBox } from '../image/orient.ts';
import type { Picture } from '../image/picture.ts';
import type { QuarterTurns } from '../image/rotate.ts';

/**
 * Two detections are one face where they share more than this of the smaller box: a face seen upside
 * down gets a box that is shifted and of another size.
 */
const mostShared = 0.5;

/**
 * Landmarks that differ more than this between views follow no upright face: as every orientation
 * is looked at, such a detection is another orientation's face or none (figures on the model's card).
 */
const mostSpread = 0.22;

/** Share of a confidence below which another view of the same place is no face: half of one, seen from the side. */
const doubtful = 0.8;

interface RatedFace {
  readonly face: AlignedFace & { readonly quality: number };
  readonly turns: QuarterTurns;
}

/**
 * The faces of a picture that may lie on its side or on its head: each once, as it looks best.
 * Boxes and maps are those of the picture itself, chips are upright.
 *
 * @param find the faces of a region of a picture
 * @param rate how good they look, in the same order
 * @returns the most confident first
 */
export async function findInAllOrientations(
  picture: Picture,
  region: Box,
  find: (picture: Picture, region: Box) => Promise<readonly AlignedFace[]>,
  rate: (faces: readonly AlignedFace[]) => Promise<readonly Pick<Assessment, 'quality' | 'spread'>[]>,
): Promise<AlignedFace[]> {
  const { width, height } = picture;
  const rated: RatedFace[] = [];
  for (const turns of [0, 1, 2, 3] as const) {
    const turned = turn(picture, turns);
    const faces = await find(turned, turnBox(region, turns, width, height));
    const ratings = await rate(faces);
    faces.forEach((face, index) => {
      const { quality, spread } = ratings[index]!;
      if (spread > mostSpread) return;
      rated.push({ turns, face: turnBack({ ...face, quality }, turns, turned, picture) });
    });
  }
  return best(rated)
    .map(({ face }) => face)
    .sort((first, second) => second.confidence - first.confidence);
}

/** A face of the turned picture as one of the picture itself; its quality stays that of the turned one. */
function turnBack(
  face: RatedFace['face'],
  turns: QuarterTurns,
  turned: Picture,
  { width, height }: Picture,
): RatedFace['face'] {
  const back = ((4 - turns) % 4) as QuarterTurns;
  return {
    ...face,
    box: turnBox(face.box, back, turned.width, turned.height),
    toChip: compose(face.toChip, turning(turns, width, height)),
  };
}

/** {@link turnBox} for points. */
function turning(turns: QuarterTurns, width: number, height: number): Affine {
  switch (turns) {
    case 0:
      return { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };
    case 1:
      return { a: 0, b: -1, c: height, d: 1, e: 0, f: 0 };
    case 2:
      return { a: -1, b: 0, c: width, d: 0, e: -1, f: height };
    case 3:
      return { a: 0, b: 1, c: 0, d: -1, e: 0, f: width };
  }
}

/** Of the rated views of each face, the one of the best quality, unless another one is much surer. */
function best(rated: readonly RatedFace[]): RatedFace[] {
  const kept: RatedFace[] = [];
  for (const candidate of rated.toSorted((a, b) => b.face.quality - a.face.quality)) {
    // Within one orientation the detector has told faces apart already.
    const isRival = ({ turns, face }: RatedFace) =>
      turns !== candidate.turns && overlap(face.box, candidate.face.box) > mostShared;
    const doubted = rated.some(
      (other) => isRival(other) && candidate.face.confidence < doubtful * other.face.confidence,
    );
    if (!doubted && !kept.some(isRival)) kept.push(candidate);
  }
  return kept;
}

/** Overlap of two boxes, as a share of the smaller one. */
function overlap(first: Box, second: Box): number {
  return area(intersect(first, second)) / Math.min(area(first), area(second));
}
