import './supported.ts';
import { openNetworkOn } from '../../src/cli/models/network-store.ts';
import { createEngineOn, type EngineOptions, type NetworkFiles } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine.ts';
import { nodeHost, nodePlatform } from './host.ts';

export * from '../../src/index.ts';

/**
 * An engine of threads on this machine. Resolves when the first instance is loaded.
 *
 * @example
 * import { readFile } from 'node:fs/promises';
 * import { createEngine } from 'phiz';
 *
 * const engine = await createEngine();
 * const { faces } = await engine.extract(await readFile('group.jpg'), { attributes: ['age', 'embedding'] });
 * await engine.close();
 */
export function createEngine(options?: EngineOptions): Promise<Engine> {
  return createEngineOn(nodePlatform, options);
}

/**
 * A network that was pulled (`phiz models pull`), by its id, or one of your own, by the path of its
 * manifest; checked by its SHA-256.
 *
 * @example
 * const network = await openNetwork('sface-2021dec');
 * const engine = await createEngine({ networks: [network], models: { embedding: 'sface-2021dec' } });
 *
 * @throws Error where it is not on this machine or is another file.
 */
export function openNetwork(name: string): Promise<NetworkFiles> {
  return openNetworkOn(nodeHost, name);
}
