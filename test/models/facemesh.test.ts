import { expect, test } from 'vitest';
import { shippedPack } from '../../models/catalogue.ts';
import type { Tensor } from '../../src/nn/network.ts';
import { createTfjsBackend } from '../../src/nn/tfjs.ts';
import { joinTfjsModel } from '../../src/nn/tfjs-model.ts';
import { onnxBackend, readAsset, recipeSources } from './assets.ts';
import { faces, pixelsAround, stack } from './photographs.ts';
import { planar } from './reference.ts';

test("the face mesh equals human's own graph on a batch of real faces and on one of none", async () => {
  const pixels = stack([
    ...(await Promise.all(faces.map(({ photograph, x, y }) => pixelsAround(photograph, x, y, 192)))),
    await pixelsAround('sample1.jpg', 100, 100, 192),
  ]);
  const input: Tensor = { ...pixels, data: pixels.data.map((value) => value / 255) };
  const [description, binary] = await recipeSources('facemesh');
  const reference = await createTfjsBackend({ wasmBinary: await readAsset('wasm/tfjs.wasm') }).load(
    joinTfjsModel(description!, binary!),
  );
  const network = await (await onnxBackend()).load(await shippedPack('facemesh').build(readAsset));

  const expected = Object.values(await reference.run({ [reference.inputNames[0]!]: input }));
  const { mesh, face } = await network.run({ image: planar(input) });
  await reference.close();
  await network.close();
  const count = faces.length + 1;
  const referenceOf = (values: number) => expected.find(({ data }) => data.length === count * values)!.data;
  expect(farthest(mesh!.data, referenceOf(3 * 468))).toBeLessThan(0.002);
  expect(farthest(face!.data, referenceOf(1))).toBeLessThan(1e-4);
  expect(Math.min(...face!.data.slice(0, -1))).toBeGreaterThan(0.9);
  expect(face!.data.at(-1)).toBeLessThan(0.1);
});

function farthest(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  return actual.reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index]!)), 0);
}
