import type { Config } from '../config/schema.ts';
import type { EngineOptions } from '../create-engine.ts';

/** The engine that a configuration describes. */
export function engineOptions(config: Config): EngineOptions {
  const { facen: embedding, gender, age, emotions } = config.models;
  return {
    instances: config.model_instances,
    queue: config.limits.queue,
    maxDimension: config.max_dimension,
    exifOrientation: config.exif_orientation,
    models: { embedding, gender, age, emotions },
  };
}
