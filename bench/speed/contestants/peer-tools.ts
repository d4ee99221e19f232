import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as JpegJs from 'jpeg-js';

const require = createRequire(import.meta.url);

/** A package of bench/package.json, or a file of it. The peers are CommonJS, and typed for browsers. */
// biome-ignore lint/suspicious/noExplicitAny: their declarations do not hold under Node
export const peer = (name: string): any => require(name);

/** Path of a file or folder of a package, whatever its package.json exports. */
export const peerPath = (path: string): string =>
  fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));

/** Pixels as both peers take them: rows of red, green and blue. */
export function decodeJpeg(jpeg: Uint8Array): { width: number; height: number; data: Uint8Array } {
  const { decode } = require('jpeg-js') as typeof JpegJs;
  return decode(jpeg, {
    useTArray: true,
    formatAsRGBA: false,
    maxResolutionInMP: 1_000,
    maxMemoryUsageInMB: 8_192,
  }) as { width: number; height: number; data: Uint8Array };
}
