import type { FivePoints } from '../detect/detector.ts';
import type { Affine, Box, Point } from '../image/geometry.ts';
import type { Raster } from '../image/raster.ts';

/** A face of which no more is known than where it is. */
export interface FoundFace {
  /** Integer pixels of the upright picture, inside it. */
  readonly box: Box;
  /** The detector's probability, 0 to 1; 1 where there was no detection. */
  readonly confidence: number;
}

/** A face cut out of its picture: plain data, all that describing it needs. */
export interface AlignedFace extends FoundFace {
  /** The aligned face image. */
  readonly chip: Raster;
  /** From the picture's pixels to the chip's. */
  readonly toChip: Affine;
  /** The five points of alignment, in pixels of the chip; absent where the picture was the chip itself. */
  readonly five?: FivePoints;
  /** As measured in the orientation in which the face was found, where that is not the picture's. */
  readonly quality?: number;
}

/** The classes of the emotion networks, in the contract's order. */
export const emotionLabels = ['neutral', 'sad', 'happy', 'surprise', 'fear', 'angry', 'disgust'] as const;
/** One of the seven emotions. */
export type EmotionLabel = (typeof emotionLabels)[number];

/** A network's estimate of a face's sex. */
export interface Gender {
  readonly label: 'male' | 'female';
  /** ln(p(male) / p(female)): positive is male. */
  readonly score: number;
}

/** One of the seven, and how probable it is. */
export interface Emotion {
  readonly label: EmotionLabel;
  /** 0 to 1; the seven sum to 1. */
  readonly probability: number;
}

/** Degrees. Yaw: positive when the face turns to the viewer's right; pitch: positive upwards; roll: positive clockwise. */
export interface HeadPose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}

/** Everything that can be asked of a face, besides its box and confidence. */
export const attributeNames = [
  'embedding',
  'gender',
  'age',
  'emotions',
  'chip',
  'landmarks',
  'headPose',
  'quality',
] as const;
/** One of {@link attributeNames}. */
export type AttributeName = (typeof attributeNames)[number];

/** One face of a picture; an attribute is present when it was asked for. */
export interface Face extends FoundFace {
  /** L2-normalised. */
  readonly embedding?: Float32Array;
  readonly gender?: Gender;
  /** Years. */
  readonly age?: number;
  /** All seven, most probable first. */
  readonly emotions?: readonly Emotion[];
  /** The aligned face image from which every attribute was computed. */
  readonly chip?: Raster;
  /** The same as a PNG file, where it was asked for in that form: its bytes, or their base64 as a text or as bytes. */
  readonly png?: Uint8Array | string;
  /** In pixels of the upright picture. */
  readonly landmarks?: { readonly five: FivePoints; readonly all?: readonly Point[] };
  readonly headPose?: HeadPose;
  /** Near 0 for a sharp, frontal, upright face; -5 and less for one that is of no use. */
  readonly quality?: number;
}

/** Bytes of memory that a face takes beside its vector and its pictures, about. */
const plainFace = 1_024;

/** Bytes of memory that faces take, about. */
export function memoryOf(faces: readonly Face[]): number {
  return faces.reduce(
    (sum, { embedding, chip, png }) =>
      sum + plainFace + (embedding?.byteLength ?? 0) + (chip?.data.length ?? 0) + (png?.length ?? 0),
    0,
  );
}
