import { type Affine, compose, invert, type Point, transform } from '../image/geometry.ts';
import type { Raster } from '../image/raster.ts';
import { warp } from '../image/warp.ts';
import type { ImageNetwork } from '../nn/batch.ts';
import { landmarksInChips } from './landmarks.ts';
import { chipEyeDistance, chipSize } from './template.ts';

/** The landmarks of a chip, and how sure the network is of them. */
export interface SteadyLandmarks {
  /** 68 points in chip pixels. */
  readonly points: readonly Point[];
  /**
   * The spread of the answers for several views of the chip: root mean square distance from
   * their mean, as a share of the distance between the eyes. On a face the landmarks follow it;
   * where there is none (or one upside down) the network paints a face that follows the view.
   */
  readonly spread: number;
}

/** By how much the views are tilted, in degrees: a tilt that the network still follows on faces. */
const tilt = 15;

const mirroring: Affine = { a: -1, b: 0, c: chipSize, d: 0, e: 1, f: 0 };

/** The views, as maps from the chip; the mirror image of a chip has the same ones. */
const views: readonly { readonly map: Affine; readonly mirrored: boolean }[] = [-tilt, tilt].flatMap(
  (angle) => [
    { map: tilting(angle), mirrored: false },
    { map: compose(tilting(angle), mirroring), mirrored: true },
  ],
);

/** Landmarks from the jaw's are left out of the spread: along a cheek they may lie anywhere. */
const jawPoints = 17;

/** The mean of what the network sees in several views of each chip. */
export async function steadyLandmarks(
  model: ImageNetwork,
  chips: readonly Raster[],
): Promise<SteadyLandmarks[]> {
  const answers = await landmarksInChips(
    model,
    chips.flatMap((chip) => views.map(({ map }) => warp(chip, invert(map), chipSize, chipSize))),
  );
  return chips.map((_, index) =>
    summarise(
      views.map(({ map, mirrored }, view) => {
        const toChip = invert(map);
        const points = answers[index * views.length + view]!.map((p) => transform(toChip, p));
        return mirrored ? mirrorPartners.map((partner) => points[partner]!) : points;
      }),
    ),
  );
}

function summarise(answers: readonly (readonly Point[])[]): SteadyLandmarks {
  let squares = 0;
  const points = mirrorPartners.map((_, index) => {
    const seen = answers.map((answer) => answer[index]!);
    const x = seen.reduce((sum, point) => sum + point.x, 0) / seen.length;
    const y = seen.reduce((sum, point) => sum + point.y, 0) / seen.length;
    if (index >= jawPoints) {
      for (const point of seen) squares += (point.x - x) ** 2 + (point.y - y) ** 2;
    }
    return { x, y };
  });
  const count = (points.length - jawPoints) * answers.length;
  return { points, spread: Math.sqrt(squares / count) / chipEyeDistance };
}

/** A clockwise rotation about the chip's centre. */
function tilting(angle: number): Affine {
  const cos = Math.cos((angle * Math.PI) / 180);
  const sin = Math.sin((angle * Math.PI) / 180);
  const centre = chipSize / 2;
  return {
    a: cos,
    b: -sin,
    c: centre * (1 - cos + sin),
    d: sin,
    e: cos,
    f: centre * (1 - cos - sin),
  };
}

/** For each landmark of iBUG 300-W the one that it becomes in a mirror. */
const mirrorPartners: readonly number[] = [
  ...[16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0], // jaw
  ...[26, 25, 24, 23, 22, 21, 20, 19, 18, 17], // brows
  ...[27, 28, 29, 30, 35, 34, 33, 32, 31], // nose
  ...[45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40], // eyes
  ...[54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55], // outer lips
  ...[64, 63, 62, 61, 60, 67, 66, 65], // inner lips
];
