import type { Detection, FivePoints, SixPoints } from '../detect/detector.ts';
import { type Affine, type Box, compose, longerSide, type Point, transform } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import type { Raster } from '../image/raster.ts';
import { rasterPicture } from '../image/raster-picture.ts';
import type { ImageNetwork } from '../nn/batch.ts';
import { type MeshSight, meshesUnder } from './mesh.ts';
import { centroid, chipPoints, chipSize, pictureToChip, similarity } from './template.ts';

/** The map from the picture to a face's chip, and the points that it rests on. */
export interface Alignment {
  /** From the picture's pixels to the chip's. */
  readonly toChip: Affine;
  /** The five points that it rests on, in pixels of the chip. */
  readonly five: FivePoints;
}

/** The mesh network's look at an expected face. */
export interface Sight extends MeshSight {
  /** From the picture to the chip that the face was expected to lie in. */
  readonly expected: Affine;
}

/** A detection at which the mesh network may have looked already. */
export interface SightedDetection extends Detection {
  readonly sight?: Sight;
}

/**
 * Looks at each detection once. The detector's points turn the face upright beforehand; a detection without
 * points gets a first look at its box.
 *
 * @param mesh the network behind {@link meshesUnder}
 */
export async function sighted<Found extends Detection>(
  mesh: ImageNetwork,
  picture: Picture,
  detections: readonly Found[],
): Promise<(Found & { readonly sight: Sight })[]> {
  const expected = await expectedChips(mesh, picture, detections);
  const seen = await meshesUnder(
    mesh,
    picture,
    expected.map((toChip) => chipInInput(mesh, toChip)),
  );
  return detections.map((detection, index) => ({
    ...detection,
    sight: { ...seen[index]!, expected: expected[index]! },
  }));
}

/** The mesh network's looks at wider squares around detections at which it has looked. */
export function wideSights(
  mesh: ImageNetwork,
  picture: Picture,
  detections: readonly { readonly sight: Sight }[],
): Promise<MeshSight[]> {
  return meshesUnder(
    mesh,
    picture,
    detections.map(({ sight: { expected } }) => chipInInput(mesh, expected, wider)),
  );
}

/**
 * Finds out how faces lie in their picture: by the look at each that was taken already, if one was.
 * Where that look contradicts itself or the detector, the face is looked at again in other squares, and
 * one of these looks counts where it shows a face with more than even odds.
 *
 * @param mesh the network behind {@link meshesUnder}
 */
export async function alignments(
  mesh: ImageNetwork,
  picture: Picture,
  detections: readonly SightedDetection[],
): Promise<Alignment[]> {
  const looks = await sighted(
    mesh,
    picture,
    detections.filter(({ sight }) => !sight),
  );
  const faces = detections.map(({ box, sight }) => ({ box, sight: sight ?? looks.shift()!.sight }));
  const doubted = faces.filter(({ sight }) => isDoubtful(sight));
  const again = await meshesUnder(
    mesh,
    picture,
    doubted.flatMap(({ box, sight: { expected } }) => [
      chipInInput(mesh, expected, wider),
      boxInInput(mesh, box, rollUnder(expected)),
    ]),
  );
  return faces.map((face) => {
    const place = 2 * doubted.indexOf(face);
    const others = place < 0 ? [] : again.slice(place, place + 2);
    const { five } = others.reduce<MeshSight>(
      (best, other) => (other.face > Math.max(best.face, evenOdds) ? other : best),
      face.sight,
    );
    const toChip = pictureToChip(five);
    return { toChip, five: movedBy(toChip, five) };
  });
}

/** The five points of faces in their chips, in chip pixels. */
export async function fiveInChips(mesh: ImageNetwork, chips: readonly Raster[]): Promise<FivePoints[]> {
  const seen: FivePoints[] = [];
  for (const chip of chips) {
    const [sight] = await meshesUnder(mesh, rasterPicture(chip), [chipInInput(mesh, identity)]);
    seen.push(sight!.five);
  }
  return seen;
}

const identity: Affine = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };

/** Five points where a map brings them. */
export const movedBy = (map: Affine, five: FivePoints): FivePoints =>
  five.map((point) => transform(map, point)) as unknown as FivePoints;

/** A sight that shows a face less probably is doubted. */
const evenOdds = 0.5;

/**
 * Root mean square distance of a sight's five points from where the detector's points put them, as a
 * share of the distance between the eyes, beyond which the two contradict each other. Of 390 frames
 * of video none reaches 0.27, of profiles some.
 */
const mostDisagreement = 0.35;

function isDoubtful({ five, face, expected }: Sight): boolean {
  const squares = five.map((point, index) => {
    const { x, y } = transform(expected, point);
    const wanted = chipPoints[index]!;
    return (x - wanted.x) ** 2 + (y - wanted.y) ** 2;
  });
  const disagreement = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
  return face < evenOdds || disagreement > mostDisagreement * (chipPoints[1].x - chipPoints[0].x);
}

/** The chips that faces are expected to lie in, by their detector or else by a look at the box. */
async function expectedChips(
  mesh: ImageNetwork,
  picture: Picture,
  detections: readonly Detection[],
): Promise<Affine[]> {
  const known = detections.map(chipByDetector);
  const unknown = detections.filter((_, index) => !known[index]);
  const looks = await meshesUnder(
    mesh,
    picture,
    unknown.map(({ box }) => boxInInput(mesh, box, 0)),
  );
  const chips = looks.map(({ five }) => pictureToChip(five))[Symbol.iterator]();
  return known.map((toChip) => toChip ?? chips.next().value!);
}

function chipByDetector({ points, sixPoints }: Detection): Affine | undefined {
  if (points) return pictureToChip(points);
  return sixPoints && similarity(fourOf(sixPoints), fourInChip);
}

/** Eyes, nose and the middle of the mouth: what six points and five have in common. */
const fourOf = ([leftEye, rightEye, nose, mouth]: SixPoints): Point[] => [leftEye, rightEye, nose, mouth];

const middleOfMouth = ([, , , left, right]: FivePoints): Point => centroid([left, right]);
const fourInChip = [...chipPoints.slice(0, 3), middleOfMouth(chipPoints)];

/** Side of a square that shows more of what lies around a chip, as a multiple of the chip's. */
const wider = 1.3;

/** The map from a picture to the network's input that shows a chip, or a larger square around it. */
function chipInInput({ input }: ImageNetwork, toChip: Affine, multiple = 1): Affine {
  const side = input.size.width;
  const scale = side / (chipSize * multiple);
  const shift = (side - scale * chipSize) / 2;
  return compose({ a: scale, b: 0, c: shift, d: 0, e: scale, f: shift }, toChip);
}

/** Side of the square around a box, as a multiple of the box's longer side. */
const aroundBox = 1.25;

/** The same for a square around a box. @param roll by how much the face in it leans clockwise, in radians */
function boxInInput({ input }: ImageNetwork, box: Box, roll: number): Affine {
  const side = input.size.width;
  const scale = side / (aroundBox * longerSide(box));
  const cos = scale * Math.cos(roll);
  const sin = scale * Math.sin(roll);
  const x = (box.left + box.right) / 2;
  const y = (box.top + box.bottom) / 2;
  return {
    a: cos,
    b: sin,
    c: side / 2 - cos * x - sin * y,
    d: -sin,
    e: cos,
    f: side / 2 + sin * x - cos * y,
  };
}

/** The roll in its picture, clockwise in radians, of a face that a map brings upright into its chip. */
const rollUnder = ({ a, b }: Affine): number => Math.atan2(b, a);
