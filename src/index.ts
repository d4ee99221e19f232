/** The library's public face; each runtime adds its `createEngine`. */
export type { EngineOptions, NetworkFiles } from './create-engine.ts';
export type { CallOptions, Engine } from './engine.ts';
export { type ErrorCode, PhizError } from './errors.ts';
export {
  type AttributeName,
  attributeNames,
  type Emotion,
  type Face,
  type Gender,
  type HeadPose,
} from './face/face.ts';
export type { Box, Point } from './image/geometry.ts';
export type { Raster } from './image/raster.ts';
export type { DetectorChoice, Extraction, ExtractOptions, Outcome, Timings } from './pipeline/extraction.ts';
export { type Manifest, ManifestError, readManifest } from './pipeline/manifest.ts';
export type { PictureFile } from './pool/picture-bytes.ts';
