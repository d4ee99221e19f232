import { describe, expect, it } from 'vitest';
import type { Drawing } from '../../src/image/drawing.ts';
import { helpWith, passOver } from '../../src/nn/batch.ts';
import type { ImageInput } from '../../src/nn/image-input.ts';
import { tensorOf } from '../../src/nn/images.ts';
import type { Network } from '../../src/nn/network.ts';
import type { SharedItem, SharedItems, TakeShares } from '../../src/nn/shared-pass.ts';

type Shares = ReturnType<TakeShares>;

/** What a helper takes who begins at once. */
const takenOf =
  (shares: Shares): TakeShares =>
  () =>
    shares;

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
    run: (shared) => takenOf(helpWith(helper, input, shared)),
  });
  expect(await valuesBy(network)).toEqual(items);
  expect(own[0]).toBeLessThan(6);
  expect(helped.length).toBeGreaterThan(0);
});

it('pixels that threads share are looked at where they are, others in a copy', async () => {
  const given: SharedItem[] = [];
  const network = networkOf([], {
    idle: 1,
    run({ items: shared }) {
      given.push(...shared);
      return async () => undefined;
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

describe('an image in two bands', () => {
  const tall = { width: 512, height: 512 };
  const drawing: Drawing = {
    raster: { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) },
    source: { left: 0, top: 0, right: 1, bottom: 1 },
    mirrored: false,
  };

  /** A network whose map tells which bands were made; `begin` is told of each step. */
  const inBands = (begin: (step: string) => void | Promise<void>, helpers?: Network['helpers']): Network => ({
    ...networkOf([], helpers),
    stem: () => ({
      bands: ({ height }, wanted) =>
        Array.from({ length: wanted }, (_, band) => ({
          rows: { from: band, end: band + 1 },
          seen: { from: (band * height) / wanted, end: ((band + 1) * height) / wanted },
        })),
      bytes: () => 2,
      async make({ rows }, _, map) {
        await begin(`band ${rows.from}`);
        map[rows.from] = 10 + rows.from;
      },
      async finish(_, map) {
        await begin('map');
        return { value: { data: Float32Array.from(map), shape: [1, 2] } };
      },
    }),
  });

  const helping = (helper: Network, shared: SharedItems): Shares => helpWith(helper, input, shared);
  const aWhile = () => new Promise<void>((done) => setTimeout(done, 20));

  /**
   * What is said of the image, and each step with who took it.
   *
   * @param slow whose band takes longer
   */
  async function lookedAt(slow: 'own' | 'helper', run = helping) {
    const steps: string[] = [];
    const by = (who: typeof slow) => async (step: string) => {
      if (who === slow) await aWhile();
      steps.push(`${who}: ${step}`);
    };
    const helper = inBands(by('helper'));
    const network = inBands(by('own'), { idle: 1, run: (shared) => takenOf(run(helper, shared)) });
    const [values] = await passOver(network, input, tall, [0], {
      most: 1,
      drawingOf: () => drawing,
      read: ({ value }) => [...value!.data],
      meanwhile: async () => void steps.push('meanwhile'),
    });
    return { values, steps };
  }

  it('is finished by the helper who makes the last one, without being asked', async () => {
    const { values, steps } = await lookedAt('helper');
    expect(values).toEqual([10, 11]);
    expect(steps).toEqual(['own: band 1', 'meanwhile', 'helper: band 0', 'helper: map']);
  });

  it('is finished by a helper who is asked where the last one is our own', async () => {
    const { values, steps } = await lookedAt('own');
    expect(values).toEqual([10, 11]);
    expect(steps).toEqual(['helper: band 0', 'own: band 1', 'helper: map', 'meanwhile']);
  });

  it.each([
    ['begins', async () => undefined],
    [
      'answers',
      async (...pass: Parameters<typeof helping>) => {
        await helping(...pass);
        return undefined;
      },
    ],
  ])('is finished here where the helper is lost before it %s', async (_, run) => {
    const { values, steps } = await lookedAt('helper', run);
    expect(values).toEqual([10, 11]);
    expect(steps.at(-1)).toBe('own: map');
  });
});
