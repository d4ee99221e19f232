import { expect, test } from 'vitest';
import { createFinder } from '../../bench/detect/samples.ts';
import { createRaster } from '../../src/image/raster.ts';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';

// What networks paint on a plain colour differs: on some of them one finds faces by the hundred.

const side = 1000;

test('a picture of one colour costs about what one of another colour does', async () => {
  const finder = createFinder(defaultSettings);
  const costs: number[] = [];
  for (const colour of [
    [128, 128, 128],
    [120, 90, 200],
    [255, 255, 255],
    [0, 0, 0],
    [200, 40, 30],
  ]) {
    const raster = createRaster(side, side);
    for (let at = 0; at < raster.data.length; at += 3) raster.data.set(colour, at);
    const looking = async () => {
      const { user } = process.cpuUsage();
      expect((await finder.find(rasterPicture(raster))).boxes).toEqual([]);
      return process.cpuUsage().user - user;
    };
    costs.push(Math.min(await looking(), await looking(), await looking()));
  }
  await finder.close();
  expect(Math.max(...costs)).toBeLessThan(2 * costs[0]!);
}, 60_000);
