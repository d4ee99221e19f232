import type { Config } from '../config/schema.ts';
import type { EngineOptions } from '../create-engine.ts';

/** Calls of the largest size that may be in progress at once. */
const fullBodies = 4;

/** The engine that a configuration describes. */
export function engineOptions(config: Config): EngineOptions {
  const { detector, legacy_detector: lightDetector, facen: embedding, gender, age, emotions } = config.models;
  return {
    instances: config.model_instances,
    queue: config.limits.queue,
    queueBytes: fullBodies * config.limits.body_size,
    maxDimension: config.max_dimension,
    exifOrientation: config.exif_orientation,
    faces: { least: config.nnd.min_face_size, most: config.nnd.max_face_size },
    models: { detector, lightDetector, embedding, gender, age, emotions },
  };
}
