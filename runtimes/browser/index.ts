import type { Engine } from '../../src/engine.ts';
import { settingRules } from '../../src/pipeline/check-options.ts';
import { checkAgainst } from '../../src/pipeline/option-rules.ts';
import { defaultSettings, type InstanceSettings } from '../../src/pipeline/settings.ts';
import { Pool } from '../../src/pool/pool.ts';
import { type AssetList, AssetStore, type LoadProgress } from './asset-store.ts';
import type { BackendName } from './backend-name.ts';
import type { WorkerSettings } from './engine-worker.ts';
import { browserPlatform } from './platform.ts';

export * from '../../src/index.ts';
export type { LoadProgress } from './asset-store.ts';
export { type BackendName, backendNames } from './backend-name.ts';
export { isolated } from './platform.ts';

/** Every asset with its size and digest; written by the build. */
declare const __PHIZ_ASSETS__: AssetList;

/** Options of an engine; all have defaults. */
export interface BrowserEngineOptions extends Partial<InstanceSettings> {
  /** Where dist/assets is served, with a slash at its end. Default: beside this module, as in the package. */
  readonly assets?: URL;
  /** Where the built engine-worker.ts is served. Default: in the folder of this module. */
  readonly worker?: URL;
  /** Default: our own kernels. */
  readonly backend?: BackendName;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** An engine, and what it computes with. */
export interface BrowserEngine extends Engine {
  readonly threads: number;
  /** The backend of each network, by the network's id. */
  readonly networks: Readonly<Record<string, string>>;
}

/** Milliseconds. A phone's network and processor may be slow; nobody else waits for them. */
const limits = { start: 1_800_000, stall: 120_000 };

/**
 * An engine in Web Workers. Our kernels compute in one thread: as many instances as there are
 * threads share the faces of a picture. The other backends have one instance.
 *
 * @example
 * // With node_modules/phiz/dist served as /phiz/:
 * import { createEngine } from '/phiz/browser/index.js';
 *
 * const engine = await createEngine();
 * const picture = new Uint8Array(await file.arrayBuffer());
 * const { faces } = await engine.extract(picture, { attributes: ['age', 'emotions'] });
 *
 * @throws Error where the networks cannot be loaded
 */
export async function createEngine(options: BrowserEngineOptions = {}): Promise<BrowserEngine> {
  const {
    assets = new URL('../assets/', import.meta.url),
    worker = new URL('engine-worker.js', import.meta.url),
    backend = 'kernels',
    onProgress,
    ...settings
  } = options;
  checkAgainst<Partial<InstanceSettings>>(settingRules, settings);
  const store = new AssetStore(assets, __PHIZ_ASSETS__, onProgress);
  const platform = browserPlatform({ readAsset: (name) => store.read(name), worker });
  const instances = backend === 'kernels' ? platform.cores : 1;
  const threads = backend === 'onnxruntime' ? platform.cores : 1;
  const workerSettings: WorkerSettings = { ...defaultSettings, ...settings, backend, threads };
  const pool = new Pool({
    platform,
    startThread: platform.startThread!,
    settings: workerSettings,
    instances,
    limits,
  });
  try {
    await pool.ready;
  } catch (error) {
    void pool.close();
    throw error;
  }
  store.tidy().catch(() => undefined);
  return {
    threads: instances * threads,
    networks: pool.networks,
    extract: (picture, request, call) => pool.extract(picture, request, call),
    extractAll: (picture, requests, call) => pool.extractAll(picture, requests, call),
    close: () => pool.close(),
  };
}
