import { createEngine as createEngineOn, type EngineOptions } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine.ts';
import { nodePlatform } from './platform.ts';

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
