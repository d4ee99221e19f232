import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { catalogue } from '../../models/catalogue.ts';
import type { Platform } from '../../src/platform.ts';

/** The platform of an instance in the bench's own process. */
export function createBenchPlatform(checkout: string): Platform {
  return {
    name: `Node ${process.versions.node}`,
    cores: 1,
    catalogue,
    readAsset: (name) => readFile(join(checkout, 'dist/assets', name)),
  };
}
