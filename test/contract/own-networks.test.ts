import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { meansNetwork, sha256, smallYunet } from '../pipeline/small-networks.ts';
import { extract } from './client.ts';
import { read } from './samples.ts';
import { startProcess } from './start-process.ts';

// Manifests in folders, named in a configuration file, on the real server.

const start = startProcess(
  process.execPath,
  fileURLToPath(new URL('../../dist/node/main.js', import.meta.url)),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-own-'));
  const rows = Array.from({ length: 512 }, (_, row): [number, number, number] => [row, 1, -row]);
  await writeNetwork(meansNetwork({ side: 112, outputs: { v: rows }, batch: 1 }));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes the file, and beside it a manifest of an embedding of 512 numbers. */
async function writeNetwork(network: Uint8Array, digest = sha256(network)): Promise<void> {
  await writeFile(join(folder, 'net.onnx'), network);
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify({
      id: 'means',
      title: 'Means of the channels',
      licence: 'MIT',
      source: 'https://example.org',
      files: [{ name: 'net.onnx', sha256: digest }],
      input: { order: 'BGR', mean: 127.5, scale: 1 / 127.5, size: { width: 112, height: 112 } },
      crop: { eyeHalfDistance: 0.1623, eyeHeight: 0.4668 },
      decoder: 'embedding',
      dimensions: 512,
    }),
  );
}

it('answers with the embedding of a network that the configuration names by its folder', async () => {
  const server = await start(`model_instances: 1\nmodels:\n  facen: ${folder}\n  gender: ''\n`);
  try {
    const sample = await read('sample1.jpg');
    const [answer] = await extract(server.url, [{ image: 'multipart:sample', need_facen: true }], { sample });
    expect(answer!.faces).toHaveLength(3);
    for (const { facen } of answer!.faces) {
      const bytes = Buffer.from(facen!, 'base64');
      const vector = new Float32Array(new Uint8Array(bytes).buffer);
      expect(vector).toHaveLength(512);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    }
  } finally {
    await server.stop();
  }
});

it.each<[string, () => Promise<void>, RegExp]>([
  [
    'a file of another digest, with the line of the configuration',
    () => writeNetwork(smallYunet(), '0'.repeat(64)),
    /^phiz: \S+phiz\.ini:3: models\.facen: \S+net\.onnx is not what its manifest says: expected SHA-256 0{64}, found [\da-f]{64}$/m,
  ],
  [
    'a file that does not do what the manifest says',
    () => writeNetwork(meansNetwork({ side: 112, outputs: { v: [[1, 0, 0]] } })),
    /^phiz: the manifest of means does not fit its file: expected one output embedding of 512 values, found v of 1$/m,
  ],
])('stops the start for %s', async (_, change, line) => {
  await change();
  const failure = await start(`model_instances: 1\nmodels:\n  facen: ${folder}\n`).then(
    () => 'it started',
    (error: Error) => error.message,
  );
  expect(failure).toMatch(line);
});
