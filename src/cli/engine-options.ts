import { ConfigError, type LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { EngineOptions, NetworkFiles } from '../create-engine.ts';
import { messageOf } from '../errors.ts';
import { ships } from '../pipeline/catalogue.ts';
import type { ModelIds } from '../pipeline/settings.ts';
import type { Host } from './host.ts';
import { configKeys } from './models/list-networks.ts';
import { openNetworkOn } from './models/network-store.ts';

/** Calls of the largest size that may be in progress at once. */
const fullBodies = 4;

/**
 * The engine that a configuration describes, its networks read and checked.
 *
 * @throws ConfigError where a network is not there or is not the one that its manifest names.
 */
export async function engineOptions(host: Host, loaded: LoadedConfig): Promise<EngineOptions> {
  const { config } = loaded;
  return {
    instances: config.model_instances,
    queue: config.limits.queue,
    queueBytes: fullBodies * config.limits.body_size,
    ...decodeSettings(config),
    faces: { least: config.nnd.min_face_size, most: config.nnd.max_face_size },
    ...(await openNetworks(host, loaded)),
  };
}

/** The configuration's settings of decoding. */
export function decodeSettings(config: Config) {
  return {
    maxDimension: config.max_dimension,
    maxPixels: config.max_pixels,
    exifOrientation: config.exif_orientation,
    partialImages: config.partial_images,
    facenScale: config.facen_scale,
  };
}

/** The networks that are configured: ids of those that ship, and the others with their files. */
async function openNetworks(
  host: Host,
  { config, where }: LoadedConfig,
): Promise<{ models: ModelIds; networks: NetworkFiles[] }> {
  const { detector, legacy_detector: lightDetector, facen: embedding, gender, age, emotions } = config.models;
  const opened = new Map<string, NetworkFiles>();
  /** The id of what was configured for a role. */
  const idOf = async (role: keyof ModelIds, name: string): Promise<string> => {
    if (name === '' || name === 'default' || ships(host.platform.catalogue, name)) return name;
    try {
      const network = opened.get(name) ?? (await openNetworkOn(host, name));
      opened.set(name, network);
      return network.manifest.id;
    } catch (error) {
      throw new ConfigError(`${where(configKeys[role])}: ${messageOf(error)}`, { cause: error });
    }
  };
  /** The ids of what was configured for a role that may have several networks. */
  const idsOf = async (role: 'embedding' | 'emotions', names: string | readonly string[]) => {
    if (typeof names === 'string') return idOf(role, names);
    const ids: string[] = [];
    for (const name of names) ids.push(await idOf(role, name));
    return ids;
  };
  return {
    models: {
      detector: await idOf('detector', detector),
      lightDetector: await idOf('lightDetector', lightDetector),
      embedding: await idsOf('embedding', embedding),
      gender: await idOf('gender', gender),
      age: await idOf('age', age),
      emotions: await idsOf('emotions', emotions),
    },
    networks: [...opened.values()],
  };
}
