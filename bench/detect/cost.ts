import { catalogue } from '../../models/catalogue.ts';
import { pixelsOf } from '../../src/detect/plan.ts';
import { levelsOf } from '../../src/detect/plan-looks.ts';
import type { Box } from '../../src/image/geometry.ts';
import type { Picture } from '../../src/image/picture.ts';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import { createPlanner } from '../../src/pipeline/planner.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';
import { background, paste, pastePlaces, patchAround } from './paste.ts';
import { createFinder, decodePhotograph } from './samples.ts';

export interface CostRow {
  readonly width: number;
  readonly height: number;
  readonly detector: 'nnd' | 'legacy';
  /** The configuration's min_face_size; legacy has none. */
  readonly least?: number;
  /** Input pixels of the plan. */
  readonly planned: number;
  /** The least of several runs. */
  readonly milliseconds: number;
}

const runs = 3;

/** Pictures in the proportion 3:2, by their width. */
const widths = [480, 960, 1920, 3840, 6000];
const leasts = [20, 30, 60, 120];
const typicalWidth = 1920;

/** Three pasted faces in pictures of growing size, and one size at growing least faces. */
export async function measureCosts(path: string, random: () => number): Promise<CostRow[]> {
  const photograph = await decodePhotograph(path);
  const rows: CostRow[] = [];
  const jobs = [
    ...widths.map((width) => ({ width, least: 30 })),
    ...leasts.filter((least) => least !== 30).map((least) => ({ width: typicalWidth, least })),
  ];
  for (const { width, least } of jobs) {
    const settings = { ...defaultSettings, faces: { least, most: Number.POSITIVE_INFINITY } };
    const finder = createFinder(settings);
    const picture = await pictureOf(photograph, width, finder.find, random);
    const region = { left: 0, top: 0, right: picture.width, bottom: picture.height };
    const plan = createPlanner(catalogue, settings);
    rows.push({
      width: picture.width,
      height: picture.height,
      detector: 'nnd',
      least,
      planned: pixelsOf(levelsOf(plan('primary', region))),
      milliseconds: await fastest(() => finder.find(picture)),
    });
    if (width === typicalWidth && least === 30) {
      rows.push({
        width: picture.width,
        height: picture.height,
        detector: 'legacy',
        planned: pixelsOf(levelsOf(plan('light', region))),
        milliseconds: await fastest(() => finder.find(picture, 'light')),
      });
    }
    await finder.close();
  }
  return rows;
}

async function pictureOf(
  photograph: Picture,
  width: number,
  find: (picture: Picture) => Promise<{ readonly boxes: readonly Box[] }>,
  random: () => number,
): Promise<Picture> {
  const height = Math.round((width * 2) / 3);
  const whole = { left: 0, top: 0, right: photograph.width, bottom: photograph.height };
  const { boxes } = await find(photograph);
  const target = background(width, height, random);
  boxes.slice(0, 3).forEach((box, index) => {
    paste(target, patchAround(photograph.view(whole, 1).raster, box), width / 10, pastePlaces[3 + index]!);
  });
  return rasterPicture(target);
}

async function fastest(run: () => Promise<{ readonly milliseconds: number }>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < runs; index++) least = Math.min(least, (await run()).milliseconds);
  return least;
}
