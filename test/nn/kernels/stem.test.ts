import { beforeAll, describe, expect, it } from 'vitest';
import { shippedPack } from '../../../models/catalogue.ts';
import { type Canvas, canvasAround } from '../../../src/image/canvas.ts';
import { type Size, wholeOf } from '../../../src/image/geometry.ts';
import type { Images } from '../../../src/nn/images.ts';
import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import type { Network, Stem } from '../../../src/nn/network.ts';
import { readOnnx } from '../../../src/nn/onnx-reader.ts';
import { instructions } from '../../../wasm/formats.ts';
import { readAsset } from '../../models/assets.ts';
import { noise } from './noise.ts';

const plain = instructions('plain');

const load = async (id: string): Promise<Network> =>
  createKernelNetwork(readOnnx(await shippedPack(id).build(readAsset)), plain, plain.i16);

/** An image of noise, 0 to 255, that is different everywhere. */
function drawNoise(canvas: Canvas): void {
  const values = noise(3 * canvas.width * canvas.height, 5);
  canvas.put(
    wholeOf(canvas),
    values.map((value) => Math.round(127.5 * (1 + value))),
  );
}

const imagesOf = ({ width, height }: Size, draw: (canvas: Canvas) => void): Images => ({
  shape: [1, 3, height, width],
  layout: 'NCHW',
  values: { order: 'BGR', mean: [100, 110, 120], scale: 0.5 },
  draw: (_, canvas) => draw(canvas),
});

/** What a stem says of the noise, its bands made one after the other, from the last to the first. */
async function inBands(stem: Stem, size: Size, wanted: number) {
  const bands = stem.bands(size, wanted);
  const map = new Uint8Array(stem.bytes(size));
  for (const band of bands.toReversed()) {
    const { seen } = band;
    const image = imagesOf({ ...size, height: seen.end - seen.from }, (canvas) =>
      drawNoise(canvasAround(canvas, seen, size.height)),
    );
    await stem.make(band, image, map);
  }
  return { bands, outputs: await stem.finish(size, map) };
}

describe('the scan', () => {
  let network: Network;
  beforeAll(async () => {
    network = await load('ultra-light-rfb-320');
  });

  it.each([
    [{ width: 320, height: 256 }, 2],
    [{ width: 96, height: 416 }, 3],
    // Rows that are no multiple of what one row of the map is made of.
    [{ width: 128, height: 397 }, 3],
    [{ width: 64, height: 1280 }, 7],
  ])('says the same of %o in %i bands as at once, bit for bit', async (size, wanted) => {
    const { bands, outputs } = await inBands(network.stem!()!, size, wanted);
    expect(bands).toHaveLength(wanted);
    expect(outputs).toEqual(await network.run({ [network.inputNames[0]!]: imagesOf(size, drawNoise) }));
  });

  it('does so for a part of what it tells, at some cells', async () => {
    const outputs = ['logits_8', 'boxes_8', 'logits_64'];
    const gates = [{ by: 'logits_8', least: -4, outputs: ['logits_8', 'boxes_8'] }];
    const part = network.only!({ outputs, gates });
    const size = { width: 320, height: 320 };
    const whole = await part.run({ [part.inputNames[0]!]: imagesOf(size, drawNoise) });
    expect(whole.boxes_8!.cells!.length).toBeGreaterThan(10);
    expect((await inBands(part.stem!()!, size, 2)).outputs).toEqual(whole);
  });

  it('has fewer bands of an image that is not tall', () => {
    const stem = network.stem!()!;
    expect(stem.bands({ width: 640, height: 480 }, 9)).toHaveLength(4);
    expect(stem.bands({ width: 640, height: 96 }, 9)).toHaveLength(1);
  });

  it('makes each row of its map once, of rows that overlap', () => {
    const [first, second, ...others] = network.stem!()!.bands({ width: 64, height: 512 }, 2);
    expect(others).toEqual([]);
    expect([first!.rows, second!.rows]).toEqual([
      { from: 0, end: 32 },
      { from: 32, end: 64 },
    ]);
    expect(first!.seen.from).toBe(0);
    expect(second!.seen.end).toBe(512);
    expect(first!.seen.end).toBeGreaterThan(256);
    expect(second!.seen.from).toBeLessThan(256);
  });
});

it('a network with padding, residuals and float32 maps says the same in bands, too', async () => {
  const network = await load('blazeface-any-size');
  const size = { width: 160, height: 1024 };
  const { bands, outputs } = await inBands(network.stem!()!, size, 4);
  expect(bands.length).toBeGreaterThan(1);
  expect(outputs).toEqual(await network.run({ [network.inputNames[0]!]: imagesOf(size, drawNoise) }));
});
