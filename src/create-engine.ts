import type { Log } from './log.ts';
import type { Catalogue } from './pipeline/catalogue.ts';
import { settingRules } from './pipeline/check-options.ts';
import { type FacenForm, facenForm } from './pipeline/facen-form.ts';
import type { Manifest } from './pipeline/manifest.ts';
import {
  checkAgainst,
  list,
  listener,
  numberFrom,
  type Rules,
  wholeNumber,
} from './pipeline/option-rules.ts';
import { networkAsset } from './pipeline/pack.ts';
import { createPrice, heavyPrice } from './pipeline/price.ts';
import { defaultSettings, type InstanceSettings, type ModelIds } from './pipeline/settings.ts';
import type { Platform, ThreadPlatform } from './platform.ts';
import { Pool } from './pool/pool.ts';

/** Options of an engine; all have defaults. */
export interface EngineOptions extends Partial<Omit<InstanceSettings, 'models' | 'manifests'>> {
  /** The network of each role by its id: one that ships with phiz, or one of {@link networks}. */
  readonly models?: Partial<ModelIds>;
  /** Networks that do not ship with phiz. */
  readonly networks?: readonly NetworkFiles[];
  /** The number of sets of networks that work side by side; 0, the default: one for each core. */
  readonly instances?: number;
  /** Pictures that may wait besides those at work; more are refused with OVERLOADED. Default 64. */
  readonly queue?: number;
  /** Bytes that the calls in progress may hold, and as many again what is coming. Default 256 MiB. */
  readonly queueBytes?: number;
  /** Milliseconds: a call that is expected to wait longer is refused. Default: any wait will do. */
  readonly longestWait?: number;
  /** Where events go. Default: nowhere. */
  readonly log?: Log;
  /** Told when there has been work, and there is none now: a time to collect garbage. */
  readonly onRest?: () => void;
}

/** A network that does not ship with phiz. */
export interface NetworkFiles {
  /** See {@link readManifest}. */
  readonly manifest: Manifest;
  /** The bytes of one of the manifest's files. */
  read(name: string): Promise<Uint8Array>;
}

const { manifests: _, ...ofInstances } = settingRules;

const optionRules: Rules<EngineOptions> = {
  ...ofInstances,
  networks: list,
  instances: wholeNumber(0),
  queue: wholeNumber(0),
  queueBytes: wholeNumber(1),
  longestWait: numberFrom(0),
  log: listener,
  onRest: listener,
};

/**
 * An engine on what a runtime hands in. Resolves when the first instance is loaded.
 *
 * @throws PhizError `MODEL_UNAVAILABLE` where a network is not known, or not what its manifest says; TypeError where
 * an option is not what it has to be.
 */
export async function createEngineOn(platform: Platform, options: EngineOptions = {}): Promise<Pool> {
  const pool = startEngine(platform, options);
  try {
    await pool.ready;
  } catch (error) {
    await pool.close();
    throw error;
  }
  return pool;
}

/** Like {@link createEngineOn}, but answers while the networks still load. */
export function startEngine(platform: Platform, options: EngineOptions = {}): Pool {
  checkAgainst(optionRules, options);
  const {
    instances = 0,
    queue,
    queueBytes,
    longestWait,
    log,
    onRest,
    networks,
    models: _,
    ...others
  } = options;
  if (!platform.startThread) throw new Error(`${platform.name} has no threads to run an engine in`);
  const choice = networkChoice(options);
  const settings: InstanceSettings = { ...defaultSettings, ...others, ...choice };
  // Here, so that a wrong id is an error at once.
  const facens = facenForm(platform.catalogue, settings);
  if (facens && facens.scale !== settings.facenScale)
    log?.('warn', 'facens are on the scale of their networks: phiz models calibrate measures another', {
      networks: facens.networks.join('+'),
    });
  return new Pool({
    platform: withNetworks(platform, networks),
    startThread: platform.startThread,
    settings,
    price: createPrice(platform.catalogue, settings),
    heavy: heavyPrice,
    instances,
    facens,
    ...(queue !== undefined && { waiting: queue }),
    ...(queueBytes !== undefined && { bytes: queueBytes }),
    ...(longestWait !== undefined && { longestWait }),
    ...(log && { log }),
    ...(onRest && { onRest }),
  });
}

/** The networks that an engine would have, for {@link chooseNetworks}. */
export function networkChoice({
  networks = [],
  models,
}: Pick<EngineOptions, 'networks' | 'models'>): Pick<InstanceSettings, 'models' | 'manifests'> {
  return {
    models: { ...defaultSettings.models, ...models },
    manifests: networks.map(({ manifest }) => manifest),
  };
}

/** The form of the embeddings that an engine would give; undefined where it would give none. */
export function facensOf(catalogue: Catalogue, options: EngineOptions): FacenForm | undefined {
  const { facenScale = defaultSettings.facenScale } = options;
  return facenForm(catalogue, { ...networkChoice(options), facenScale });
}

/** The platform with the files of networks among its assets. */
export function withNetworks(platform: Platform, networks: readonly NetworkFiles[] = []): ThreadPlatform {
  const readers = new Map(
    networks.flatMap(({ manifest, read }) =>
      manifest.files.map(({ name }) => [networkAsset(manifest.id, name), () => read(name)] as const),
    ),
  );
  return {
    name: platform.name,
    cores: platform.cores,
    readAsset: (name) => readers.get(name)?.() ?? platform.readAsset(name),
  };
}
