import { expect, test } from 'vitest';
import { decodePhotograph } from '../../bench/detect/samples.ts';
import { shippedPack } from '../../models/catalogue.ts';
import { lookClosely } from '../../src/detect/close-look.ts';
import { closeLooks } from '../../src/detect/confirm.ts';
import { type DetectorNetwork, forSmallest } from '../../src/detect/look.ts';
import { boxAround } from '../../src/image/geometry.ts';
import { createKernelBackend } from '../../src/nn/kernels/backend.ts';
import { pathOf } from '../contract/samples.ts';
import { onnxBackend, readAsset } from '../models/assets.ts';
import { faces } from '../models/photographs.ts';

const { build, manifest } = shippedPack('ssd-mobilenetv1');
const model = await build(readAsset);
const judgeOn = (network: DetectorNetwork['network']): DetectorNetwork => ({
  family: 'ssd-mobilenet',
  network,
  input: { ...manifest.input, name: 'image' },
});

test('a judge without the layers for larger faces says of a face what the whole one does', async () => {
  const kernels = await createKernelBackend(await onnxBackend()).load(model);
  const whole = judgeOn(kernels);
  const some = forSmallest(whole);
  expect(some.network.outputNames).toEqual(['boxes_16', 'scores_16']);
  // Another backend leaves no layers out: of its outputs the same ones are read.
  const elsewhere = await (await onnxBackend()).load(model);
  const other = forSmallest(judgeOn(elsewhere));
  expect(other.network).toBe(elsewhere);

  for (const { photograph, x, y } of faces) {
    const picture = await decodePhotograph(pathOf(photograph));
    const region = { left: 0, top: 0, right: picture.width, bottom: picture.height };
    // A face, and a part of it.
    const boxes = [boxAround(x, y, 180, 250), boxAround(x, y - 60, 40)];
    const look = (judge: DetectorNetwork) =>
      lookClosely(judge, closeLooks.judge, picture, region, boxes, 0.02);
    const expected = await look(whole);
    expect(expected[0]!.confidence).toBeGreaterThan(0.9);
    expect(await look(some)).toEqual(expected);
    expect((await look(other))[0]!.confidence).toBeCloseTo(expected[0]!.confidence, 1);
  }
});

test('a judge without outputs for them is left as it is', async () => {
  const kernels = await createKernelBackend(await onnxBackend()).load(model);
  const drop = judgeOn({ ...kernels, outputNames: ['boxes', 'scores'] });
  expect(forSmallest(drop)).toBe(drop);
});
