import { expect, test } from 'vitest';
import { encodeMessage, messageField, textField } from '../../build/networks/protobuf.ts';
import { shippedPack } from '../../models/catalogue.ts';
import type { Tensor } from '../../src/nn/network.ts';
import { onnxBackend, readAsset, recipeSources } from './assets.ts';
import { faces, pixelsAround } from './photographs.ts';
import { planar } from './reference.ts';

/** The size for which the original is made. */
const [width, height] = [320, 240];

/** What the original computes before softmax and priors: two scores and four numbers a prior. */
const [scoresBefore, boxesBefore] = ['461', '462'];

test('equals the original on photographs, prior by prior', async () => {
  const backend = await onnxBackend();
  const [original] = await recipeSources<[Uint8Array]>('ultra-light-rfb-320');
  const theirs = await backend.load(withOutputs(original, [scoresBefore, boxesBefore]));
  const ours = await backend.load(await shippedPack('ultra-light-rfb-320').build(readAsset));
  for (const { photograph, x, y } of faces) {
    const image = upperRows(planar(await pixelsAround(photograph, x, y, width)), height);
    const found = await ours.run({ image });
    const normalised = { ...image, data: image.data.map((value) => (value - 127) / 128) };
    const expected = await theirs.run({ input: normalised });

    const scores = expected[scoresBefore]!.data;
    const logits = Array.from(
      { length: scores.length / 2 },
      (_, prior) => scores[2 * prior + 1]! - scores[2 * prior]!,
    );
    expect(logits.filter((logit) => logit > 3).length).toBeGreaterThan(3);
    expectClose(joined(found, 'logits'), logits);
    expectClose(joined(found, 'boxes'), [...expected[boxesBefore]!.data]);
  }
  await ours.close();
  await theirs.close();
});

/** A model with more of its values as outputs: messages that follow one another are merged. */
function withOutputs(model: Uint8Array, names: readonly string[]): Uint8Array {
  const outputs = names.map((name) => messageField(12, [textField(1, name)]));
  return Buffer.concat([model, encodeMessage([messageField(7, outputs)])]);
}

/** The upper part of a picture of planes. */
function upperRows({ data, shape }: Tensor, height: number): Tensor {
  const [, channels, rows, columns] = shape as [number, number, number, number];
  const values = [...Array(channels).keys()].flatMap((channel) => {
    const start = channel * rows * columns;
    return [...data.subarray(start, start + height * columns)];
  });
  return { data: Float32Array.from(values), shape: [1, channels, height, columns] };
}

/** The values of all maps, the finest first. */
function joined(outputs: Readonly<Record<string, Tensor>>, kind: string): number[] {
  return [8, 16, 32, 64].flatMap((stride) => [...outputs[`${kind}_${stride}`]!.data]);
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  const largest = found.reduce(
    (worst, value, index) => Math.max(worst, Math.abs(value - expected[index]!)),
    0,
  );
  expect(largest).toBeLessThan(1e-4);
}
