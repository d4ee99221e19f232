import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { catalogue } from '../../models/catalogue.ts';
import { phiz } from './phiz.ts';

it('phiz licenses writes the licences of what is bundled, compiled in, and of the networks', async () => {
  const { stdout, code } = await phiz('licenses');
  expect(code).toBe(0);
  for (const path of [
    'LICENSE',
    'node_modules/hono/LICENSE',
    'node_modules/@hono/node-server/LICENSE',
    'node_modules/yaml/LICENSE',
    'node_modules/commander/LICENSE',
    'node_modules/valibot/LICENSE.md',
    'node_modules/@msgpack/msgpack/LICENSE',
    'node_modules/@jsquash/webp/LICENSE',
    'node_modules/@jsquash/webp/codec/LICENSE.codec.md',
    'node_modules/@vladmandic/face-api/LICENSE',
  ]) {
    expect([path, stdout.includes((await readFile(path, 'utf8')).trim())]).toEqual([path, true]);
  }
  for (const name of ['onnxruntime-web', '@tensorflow/tfjs-core', 'libwebp', 'XNNPACK', 'Eigen']) {
    expect(stdout).toContain(name);
  }
  for (const { manifest } of catalogue.shipped)
    expect(stdout).toContain(`${manifest.id}: ${manifest.licence}`);
  // What no bundle has is not listed, either.
  expect(stdout).not.toContain('\nvitest ');
});
