import type { FoundFace } from '../face/face.ts';
import { area, longerSide } from '../image/geometry.ts';
import type { ExtractOptions } from './extraction.ts';

/**
 * The faces that a request wants, in the order that it wants.
 *
 * @param faces the most confident first
 */
export function selectFaces<Found extends FoundFace>(
  faces: readonly Found[],
  { minSize = 0, minConfidence = 0, order = 'confidence', maxFaces }: ExtractOptions,
): Found[] {
  const wanted = faces.filter(
    ({ box, confidence }) => confidence >= minConfidence && longerSide(box) >= minSize,
  );
  if (order === 'size') wanted.sort((first, second) => area(second.box) - area(first.box));
  return wanted.slice(0, maxFaces);
}
