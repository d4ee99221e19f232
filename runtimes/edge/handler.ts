import { catalogue } from '../../models/catalogue.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { createEngineOn, type EngineOptions } from '../../src/create-engine.ts';
import { silent } from '../../src/log.ts';
import { createInstance } from '../../src/pipeline/create-instance.ts';
import type { InstanceSettings } from '../../src/pipeline/settings.ts';
import type { Platform } from '../../src/platform.ts';
import { startInProcess } from '../../src/pool/in-process-thread.ts';
import { createApp } from '../../src/server/app.ts';

/**
 * The service where there are neither sockets nor threads nor files: a `fetch` handler with one
 * instance in its own thread. Pictures come with their call; `http:` ones are refused, since an edge
 * runtime's `fetch` cannot be told which address it may connect to.
 *
 * @param readAsset the bytes of an asset by its name in assets.ts, e.g. of modules bundled with it
 * @param options `models` switches off what is not needed, and with it its memory
 *
 * @example
 * const handler = await createHandler((name) => assets[name], { models: { emotions: '' } });
 * export default { fetch: handler };
 */
export async function createHandler(
  readAsset: Platform['readAsset'],
  options: Omit<EngineOptions, 'instances'> = {},
): Promise<(request: Request) => Promise<Response>> {
  const platform: Platform = {
    name: 'edge',
    cores: 1,
    readAsset,
    catalogue,
    startThread: () =>
      startInProcess((inner, settings: InstanceSettings) =>
        createInstance({ ...inner, catalogue }, settings),
      ),
  };
  const engine = await createEngineOn(platform, { ...options, instances: 1 });
  const app = createApp({ engine, config: defaultConfig(), log: silent });
  return async (request) => app.fetch(request);
}
