/** What an engine is built with: everything its instances need to know. Plain data. */
export interface InstanceOptions {
  /** The longest side of a picture in pixels; larger ones are refused before they are decoded. */
  readonly maxDimension: number;
  /** Whether pictures are turned upright as their EXIF orientation says. */
  readonly exifOrientation: boolean;
  /** The interval of face sizes (longer side of the box, pixels) in which detection is guaranteed. */
  readonly minFaceSize: number;
  readonly maxFaceSize: number;
  /** Threads inside a network's operators. */
  readonly networkThreads: number;
}

export const defaultInstanceOptions: InstanceOptions = {
  maxDimension: 6000,
  exifOrientation: true,
  minFaceSize: 30,
  maxFaceSize: Number.POSITIVE_INFINITY,
  networkThreads: 1,
};
