import { openNetworkOn } from '../../src/cli/models/network-store.ts';
import { createEngineOn, type EngineOptions, type NetworkFiles } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine.ts';
import { denoHost, denoPlatform } from './host.ts';

export * from '../../src/index.ts';

/** As on Node, see there for an example. */
export function createEngine(options?: EngineOptions): Promise<Engine> {
  return createEngineOn(denoPlatform, options);
}

/** As on Node, see there for an example. */
export function openNetwork(name: string): Promise<NetworkFiles> {
  return openNetworkOn(denoHost, name);
}
