import { openNetworkOn } from '../../src/cli/models/network-store.ts';
import { createEngineOn, type EngineOptions, type NetworkFiles } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine.ts';
import { bunHost, bunPlatform } from './host.ts';

export * from '../../src/index.ts';

/** As on Node, see there for an example. */
export function createEngine(options?: EngineOptions): Promise<Engine> {
  return createEngineOn(bunPlatform, options);
}

/** As on Node, see there for an example. */
export function openNetwork(name: string): Promise<NetworkFiles> {
  return openNetworkOn(bunHost, name);
}
