import { expect, it } from 'vitest';
import { helpWith, passOver } from '../../src/nn/batch.ts';
import type { ImageInput } from '../../src/nn/image-input.ts';
import { tensorOf } from '../../src/nn/images.ts';
import type { Network } from '../../src/nn/network.ts';
import type { SharedItem } from '../../src/nn/shared-pass.ts';

const size = { width: 112, height: 112 };
const input: ImageInput = { name: 'image', layout: 'NCHW', order: 'RGB', mean: 0, scale: 1, size };

/** A network that says the first value of each image, and is told how many come at once. */
const networkOf = (counts: number[], helpers?: Network['helpers']): Network => ({
  inputNames: ['image'],
  outputNames: ['value'],
  runsOn: 'nothing',
  async run({ image }) {
    const { data, shape } = tensorOf(image!);
    const count = shape[0]!;
    counts.push(count);
    const values = Float32Array.from({ length: count }, (_, index) => data[(index * data.length) / count]!);
    return { value: { data: values, shape: [count, 1] } };
  },
  close: async () => {},
  ...(helpers && { helpers }),
});

const items = [...Array(12).keys()];
const valuesBy = (network: Network, dataOf = (item: number): Uint8Array => Uint8Array.of(item, item, item)) =>
  passOver(network, input, size, items, {
    most: 16,
    drawingOf: (item) => ({
      raster: { width: 1, height: 1, data: dataOf(item) },
      source: { left: 0, top: 0, right: 1, bottom: 1 },
      mirrored: false,
    }),
    read: ({ value }) => value!.data[0],
  });

it('all images go at once where there is nobody to help', async () => {
  const counts: number[] = [];
  expect(await valuesBy(networkOf(counts))).toEqual(items);
  expect(counts).toEqual([12]);
});

it('who becomes idle after the first images helps with the others', async () => {
  const [own, helped]: [number[], number[]] = [[], []];
  const helper = networkOf(helped);
  const network = networkOf(own, {
    get idle() {
      return own.length > 0 ? 1 : 0;
    },
    run: async (shared) => helpWith(helper, input, shared),
  });
  expect(await valuesBy(network)).toEqual(items);
  expect(own[0]).toBeLessThan(6);
  expect(helped.length).toBeGreaterThan(0);
});

it('pixels that threads share are looked at where they are, others in a copy', async () => {
  const given: SharedItem[] = [];
  const network = networkOf([], {
    idle: 1,
    async run({ items: shared }) {
      given.push(...shared);
      return undefined;
    },
  });
  const pixels = items.map((item) =>
    new Uint8Array(item % 2 ? new SharedArrayBuffer(3) : new ArrayBuffer(3)).fill(item),
  );
  expect(await valuesBy(network, (item) => pixels[item]!)).toEqual(items);
  const rasters = given.map((item) => ('raster' in item ? item.raster : undefined));
  expect(rasters.every((raster) => raster?.data.buffer instanceof SharedArrayBuffer)).toBe(true);
  expect(rasters.map((raster, item) => raster?.data === pixels[item])).toEqual(
    items.map((item) => item % 2 === 1),
  );
});
