import { pixelsOf } from '../detect/plan.ts';
import { levelsOf } from '../detect/plan-looks.ts';
import { declaredSize } from '../image/declared-size.ts';
import { area, type Box, intersect, wholeOf } from '../image/geometry.ts';
import { codingOf } from '../image/heif/header.ts';
import type { Catalogue } from './catalogue.ts';
import type { ExtractOptions } from './extraction.ts';
import { createPlanner } from './planner.ts';
import type { InstanceSettings } from './settings.ts';

/**
 * The expected cost of requests on a picture, in pixels that networks look at; about proportional to the time
 * that they take. It is told from the picture's header, before anything is done.
 */
export type Price = (picture: Uint8Array, requests: readonly ExtractOptions[]) => number;

/** A decoded pixel, in pixels that a network looks at: JPEG takes a third of it, WebP and PNG all, AVIF more. */
const decodedPixel = 0.2;
const decodedPixelOfAvif = 2;

/**
 * Price of any request: for its faces, whose number nobody knows yet. Processor time on an Intel Xeon, all attributes:
 * 186 ms of a photograph of 320×213 with three faces, 422 of 3840×2560, 858 of 6000×4000, 1,470 of a plain WebP of
 * 6000×6000. With this that is 55 to 72 ms a million.
 */
const leastPrice = 2_500_000;

/** Price from which on a request takes an instance over half a second: on a picture of more than some 15 megapixels. */
export const heavyPrice = 10_000_000;

/** Prices by what instances with these settings do. */
export function createPrice(catalogue: Catalogue, settings: InstanceSettings): Price {
  const plan = createPlanner(catalogue, settings);
  return (picture, requests) => {
    const size = declaredSize(picture);
    if (!size || size.width * size.height > settings.maxPixels) return leastPrice;
    const whole = wholeOf(size);
    const looks = { primary: undefined, light: undefined } as Record<'primary' | 'light', number | undefined>;
    let price = (codingOf(picture) === 'AVIF' ? decodedPixelOfAvif : decodedPixel) * area(whole);
    for (const { detector = 'primary', region = whole, autoRotate } of requests) {
      price += leastPrice;
      if (detector === 'none') continue;
      looks[detector] ??= pixelsOf(levelsOf(plan(detector, whole)));
      price += looks[detector] * shareOf(region, whole) * (autoRotate ? 4 : 1);
    }
    return price;
  };
}

/** Share of a picture that a region covers. */
function shareOf(region: Box, whole: Box): number {
  return Math.max(0, area(intersect(whole, region))) / area(whole);
}
