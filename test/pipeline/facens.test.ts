import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue } from '../../models/catalogue.ts';
import { nodePlatform } from '../../runtimes/node/host.ts';
import { createEngineOn, type EngineOptions, facensOf } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine.ts';
import { cosine } from '../../src/face/facen-scale.ts';
import { verdictOf } from '../../src/face/verdict.ts';
import { encodePng } from '../../src/image/encode-png.ts';

const samples = [1, 2, 3, 4, 5, 6].map(
  (number) => `node_modules/@vladmandic/face-api/demo/sample${number}.jpg`,
);

const engines: Engine[] = [];
async function engineWith(options: EngineOptions): Promise<Engine> {
  const engine = await createEngineOn(nodePlatform, { instances: 1, ...options });
  engines.push(engine);
  return engine;
}
let byDefault: Engine;
beforeAll(async () => {
  byDefault = await engineWith({});
});
afterAll(() => Promise.all(engines.map((engine) => engine.close())));

async function embeddings(engine: Engine, path: string): Promise<Float32Array[]> {
  const { faces } = await engine.extract(await readFile(path), { attributes: ['embedding'] });
  return faces.map(({ embedding }) => embedding!);
}

const norm = (vector: Float32Array) => Math.hypot(...vector);

test('no two people of one sample are called the same', async () => {
  const { thresholds } = facensOf(catalogue, {})!;
  let pairs = 0;
  for (const path of samples) {
    const vectors = await embeddings(byDefault, path);
    vectors.forEach((first, index) => {
      for (const second of vectors.slice(index + 1)) {
        pairs++;
        expect(verdictOf(cosine(first, second), thresholds!).verdict).not.toBe('same person');
      }
    });
  }
  expect(pairs).toBeGreaterThan(20);
});

test('a facen has 320 numbers on either scale, and a normalised face gives the same again', async () => {
  const native = await engineWith({ facenScale: 'native' });
  for (const engine of [byDefault, native]) {
    const { faces } = await engine.extract(await readFile(samples[5]!), {
      attributes: ['embedding', 'chip'],
    });
    for (const { embedding, chip } of faces) {
      expect(embedding!.length).toBe(320);
      expect(norm(embedding!)).toBeCloseTo(1, 5);
      const again = await engine.extract(encodePng(chip!), { detector: 'none', attributes: ['embedding'] });
      expect(cosine(again.faces[0]!.embedding!, embedding!)).toBeGreaterThanOrEqual(0.9999);
    }
  }
});

test('the native facen is the networks’ own vectors, one after the other', async () => {
  const native = await embeddings(await engineWith({ facenScale: 'native' }), samples[5]!);
  const dlib = await embeddings(await engineWith({ models: { embedding: 'face-recognition' } }), samples[5]!);
  const mobile = await embeddings(
    await engineWith({ models: { embedding: 'mobilefacenet' }, facenScale: 'native' }),
    samples[5]!,
  );
  for (const [face, vector] of native.entries()) {
    expect(dlib[face]!.length).toBe(128);
    const [first, second] = [vector.subarray(0, 192), vector.subarray(192)];
    expect(norm(second) / norm(first)).toBeCloseTo(2, 4);
    expect(cosine(first, mobile[face]!) / norm(first)).toBeCloseTo(1, 5);
    expect(cosine(second, dlib[face]!) / norm(second)).toBeCloseTo(1, 5);
  }
});

test('what facens are is told: their networks, version, length, scale and what cosines mean', () => {
  expect(facensOf(catalogue, {})).toMatchObject({
    networks: ['mobilefacenet', 'face-recognition'],
    version: 4,
    numbers: 320,
    scale: 'findface',
    thresholds: { '0.1%': 0.75 },
  });
  expect(facensOf(catalogue, { facenScale: 'native' })).toMatchObject({ scale: 'native', numbers: 320 });
  const old = facensOf(catalogue, { models: { embedding: 'face-recognition' } });
  expect(old).toMatchObject({ networks: ['face-recognition'], numbers: 128, scale: 'native' });
  // The order is that of the vector: measured for the other one alone.
  const turned = facensOf(catalogue, { models: { embedding: ['face-recognition', 'mobilefacenet'] } });
  expect(turned).toMatchObject({ scale: 'native', numbers: 320 });
  expect(turned).not.toHaveProperty('thresholds');
  expect(facensOf(catalogue, { models: { embedding: '' } })).toBeUndefined();
});

test('an engine says where the scale that is wanted was never measured', async () => {
  const events: unknown[] = [];
  await engineWith({
    models: { embedding: ['face-recognition', 'mobilefacenet'] },
    log: (level, event, fields) => events.push({ level, event, ...fields }),
  });
  expect(events).toContainEqual({
    level: 'warn',
    event: 'facens are on the scale of their networks: phiz models calibrate measures another',
    networks: 'face-recognition+mobilefacenet',
  });
});
