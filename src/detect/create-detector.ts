import { area, type Box, intersect } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { resizePictureIntoTensor } from '../image/resize.ts';
import { type ImageInput, normalizeImage } from '../nn/image-input.ts';
import type { Network } from '../nn/network.ts';
import type { Detection, Detector, DetectorFamilyName, FivePoints } from './detector.ts';
import { detectorFamilies } from './families.ts';
import { suppress } from './nms.ts';
import { type FaceSizes, type Level, planLevels, type Tile } from './plan.ts';

export interface DetectorSettings {
  /** Least confidence of a face that is reported, 0 to 1. */
  readonly minConfidence: number;
  /** Sizes of faces in picture pixels for which detection is guaranteed. */
  readonly faces: FaceSizes;
}

/** IoU above which two boxes are taken for one face. */
const sameFace = 0.4;

/** A detector on a network of a family that wants its input as `input` says. */
export function createDetector(
  family: DetectorFamilyName,
  network: Network,
  input: ImageInput,
  { minConfidence, faces }: DetectorSettings,
): Detector {
  const { reliable, decode } = detectorFamilies[family];

  async function look(picture: Picture, region: Box, level: Level, tile: Tile): Promise<Detection[]> {
    const { width, height, scale } = level;
    const planes = cut(picture, intersect(region, tile.source), level, tile);
    const shape = input.layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
    const outputs = await network.run({ [input.name]: { data: normalizeImage(planes, input), shape } });
    return decode(outputs, level, minConfidence)
      .map((found) => toPicture(found, tile.source.left, tile.source.top, 1 / scale))
      .filter(({ box }) => belongs(box, tile.core, level.faces));
  }

  return {
    async detect(picture, region) {
      const found: Detection[] = [];
      for (const level of planLevels(region, faces, { reliable, size: input.size })) {
        for (const tile of level.tiles) found.push(...(await look(picture, region, level, tile)));
      }
      return suppress(
        found.filter(({ box }) => area(intersect(box, region)) > 0),
        sameFace,
      );
    },
  };
}

/** The part of the picture that a tile sees, as RGB planes with black around it. */
function cut(picture: Picture, seen: Box, { width, height, scale }: Level, { source }: Tile): Float32Array {
  const planes = new Float32Array(3 * width * height);
  const left = Math.round((seen.left - source.left) * scale);
  const top = Math.round((seen.top - source.top) * scale);
  resizePictureIntoTensor(picture, seen, {
    data: planes,
    offset: top * width + left,
    width: Math.min(width - left, Math.max(1, Math.round((seen.right - seen.left) * scale))),
    height: Math.min(height - top, Math.max(1, Math.round((seen.bottom - seen.top) * scale))),
    rowStride: width,
    planeStride: width * height,
  });
  return planes;
}

function toPicture(
  { box, confidence, points }: Detection,
  left: number,
  top: number,
  unit: number,
): Detection {
  return {
    box: {
      left: left + box.left * unit,
      top: top + box.top * unit,
      right: left + box.right * unit,
      bottom: top + box.bottom * unit,
    },
    confidence,
    ...(points && {
      points: points.map(({ x, y }) => ({ x: left + x * unit, y: top + y * unit })) as unknown as FivePoints,
    }),
  };
}

/** Whether a tile reports a box: its centre lies in the core, and its size is the level's. */
function belongs({ left, top, right, bottom }: Box, core: Box, { most }: FaceSizes): boolean {
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  return (
    x >= core.left &&
    x < core.right &&
    y >= core.top &&
    y < core.bottom &&
    Math.max(right - left, bottom - top) <= most
  );
}
