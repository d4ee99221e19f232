import type { Point } from '../image/geometry.ts';
import type { Raster } from '../image/raster.ts';
import { type ImageNetwork, runBatched } from '../nn/batch.ts';
import { chipSize } from './template.ts';

/** The 68 landmarks of the faces in these chips, in chip pixels. */
export function landmarksInChips(
  { network, input }: ImageNetwork,
  chips: readonly Raster[],
): Promise<Point[][]> {
  const whole = { left: 0, top: 0, right: chipSize, bottom: chipSize };
  return runBatched(
    network,
    input,
    chips,
    (chip) => ({ raster: chip, source: whole, mirrored: false }),
    ({ landmarks }) => {
      const shares = landmarks!;
      return Array.from({ length: shares.length / 2 }, (_, index) => ({
        x: shares[2 * index]! * chipSize,
        y: shares[2 * index + 1]! * chipSize,
      }));
    },
  );
}
