/** What every instance of an engine is built with. Plain data, so that it can go to a thread. */
export interface InstanceSettings {
  /** The longest side of a picture in pixels; larger ones are refused before they are decoded. */
  readonly maxDimension: number;
  /** Whether pictures are turned upright as their EXIF orientation says. */
  readonly exifOrientation: boolean;
  /** Least detection confidence of a face that is reported, 0 to 1. */
  readonly minConfidence: number;
  /** The network of each attribute by its id in the catalogue; '' switches it off. */
  readonly models: AttributeModels;
}

export interface AttributeModels {
  readonly embedding: string;
  readonly gender: string;
  readonly age: string;
  readonly emotions: string;
}

export const defaultSettings: InstanceSettings = {
  maxDimension: 6000,
  exifOrientation: true,
  minConfidence: 0.5,
  models: { embedding: 'default', gender: 'default', age: 'default', emotions: 'default' },
};
