import type { Point } from '../image/geometry.ts';
import type { Raster } from '../image/raster.ts';
import { planarImage, resizeIntoTensor } from '../image/resize.ts';
import { type FixedImageInput, runBatched } from '../nn/batch.ts';
import type { Network } from '../nn/network.ts';
import { chipSize } from './template.ts';

const size = 112;

const input: FixedImageInput = {
  name: 'image',
  layout: 'NCHW',
  order: 'RGB',
  mean: 0,
  scale: 1,
  size: { width: size, height: size },
};

/** The 68 landmarks of the faces in these chips, in chip pixels. */
export function landmarksInChips(network: Network, chips: readonly Raster[]): Promise<Point[][]> {
  const whole = { left: 0, top: 0, right: chipSize, bottom: chipSize };
  return runBatched(
    network,
    input,
    chips,
    (chip, data, offset) => resizeIntoTensor(chip, whole, planarImage(data, offset, size, size)),
    ({ landmarks }) => {
      const shares = landmarks as Float32Array;
      return Array.from({ length: shares.length / 2 }, (_, index) => ({
        x: (shares[2 * index] as number) * chipSize,
        y: (shares[2 * index + 1] as number) * chipSize,
      }));
    },
  );
}
