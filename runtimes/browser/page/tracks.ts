import { type Box, iou, type Point } from '../../../src/image/geometry.ts';
import type { JsonFace } from './service.ts';

/** Answers without it after which a face is forgotten: detectors lose one for a moment. */
const patience = 10;

/** One person before the camera. */
interface Track {
  /** As last found: a box and its score. */
  found: JsonFace;
  /** As last described, when it was. */
  described: JsonFace | undefined;
  /** Answers since it was found. */
  missing: number;
}

/**
 * Faces over the frames of a camera. Boxes come often and descriptions seldom, of another frame: a
 * face keeps its place in the list and what is known of it while its box moves.
 */
export class Tracks {
  #tracks: Track[] = [];

  /** The faces of the newest frame, with what was last known of each. */
  get faces(): JsonFace[] {
    return this.#tracks.filter(({ missing }) => missing === 0).map(join);
  }

  /** Takes the faces that were found in a newer frame. */
  find(faces: readonly JsonFace[]): void {
    const pairs = match(this.#tracks, faces);
    for (const track of this.#tracks) {
      const face = pairs.get(track);
      if (face) track.found = face;
      track.missing = face ? 0 : track.missing + 1;
    }
    const known = new Set(pairs.values());
    const fresh = faces.filter((face) => !known.has(face));
    this.#tracks = [
      ...this.#tracks.filter(({ missing }) => missing <= patience),
      ...fresh.map((found) => ({ found, described: undefined, missing: 0 })),
    ];
  }

  /** Takes what was seen of faces in a frame not long ago. */
  describe(faces: readonly JsonFace[]): void {
    for (const [track, face] of match(this.#tracks, faces)) track.described = face;
  }
}

/** Pairs tracks and faces whose boxes overlap, those that overlap most first. */
function match(tracks: readonly Track[], faces: readonly JsonFace[]): Map<Track, JsonFace> {
  const candidates = tracks
    .flatMap((track) => faces.map((face) => ({ track, face, overlap: iou(track.found.bbox, face.bbox) })))
    .filter(({ overlap }) => overlap > 0)
    .sort((a, b) => b.overlap - a.overlap);
  const pairs = new Map<Track, JsonFace>();
  const taken = new Set<JsonFace>();
  for (const { track, face } of candidates) {
    if (pairs.has(track) || taken.has(face)) continue;
    pairs.set(track, face);
    taken.add(face);
  }
  return pairs;
}

/** A face at its newest place, with its attributes so far. */
function join({ found, described }: Track): JsonFace {
  if (!described) return found;
  const { landmarks, ...rest } = described;
  const { bbox, detection_score } = found;
  return {
    ...rest,
    bbox,
    detection_score,
    ...(landmarks && { landmarks: moved(landmarks, described.bbox, bbox) }),
  };
}

/** Landmarks go with their box. */
function moved(landmarks: NonNullable<JsonFace['landmarks']>, from: Box, to: Box) {
  const [across, down] = [
    (to.right - to.left) / (from.right - from.left),
    (to.bottom - to.top) / (from.bottom - from.top),
  ];
  const move = ({ x, y }: Point): Point => ({
    x: to.left + (x - from.left) * across,
    y: to.top + (y - from.top) * down,
  });
  const { all, ...five } = landmarks;
  return {
    left_eye: move(five.left_eye),
    right_eye: move(five.right_eye),
    nose: move(five.nose),
    left_mouth: move(five.left_mouth),
    right_mouth: move(five.right_mouth),
    ...(all && { all: all.map(move) }),
  };
}
