import type { Config } from '../config/schema.ts';
import type { EngineOptions } from '../create-engine.ts';

/** Calls of the largest size that may be in progress at once. */
const fullBodies = 4;

/** The engine that a configuration describes. */
export function engineOptions(config: Config): EngineOptions {
  const { facen: embedding, gender, age, emotions } = config.models;
  return {
    instances: config.model_instances,
    queue: config.limits.queue,
    queueBytes: fullBodies * config.limits.body_size,
    maxDimension: config.max_dimension,
    exifOrientation: config.exif_orientation,
    models: { embedding, gender, age, emotions },
  };
}
