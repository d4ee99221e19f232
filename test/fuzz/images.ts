import process from 'node:process';
import { nodePlatform } from '../../runtimes/node/host.ts';
import { PhizError } from '../../src/errors.ts';
import { decodePicture } from '../../src/image/decode.ts';
import type { Box } from '../../src/image/geometry.ts';
import type { Picture, Reduction } from '../../src/image/picture.ts';
import { type EncodeOptions, encodeJpeg, progressiveScript, type ScanScript } from '../image/jpeg/encoder.ts';
import { testPlanes } from '../image/jpeg/planes.ts';
import { crop } from '../image/jpeg/support.ts';
import type { Finding } from './fuzz.ts';
import { validPictures } from './inputs.ts';
import { below, mutate, pick, type Random } from './mutate.ts';

const maxDimension = 2_000;

/** Milliseconds of processor time, which other programs do not lengthen, that no picture of {@link maxDimension} may take. */
const patience = 5_000;

/** What a damaged picture may be told. */
const codes = ['IMAGE_DECODING_FAILED', 'IMAGE_TOO_LARGE'];

/**
 * Decodes damaged pictures in this thread, one after another, and asks for parts of them.
 *
 * @param goesOn told before each picture; false ends it
 * @returns the first thing that went wrong: an error that is not the picture's, a wrong view, or
 * taking too long
 */
export async function fuzzImages(random: Random, goesOn: () => boolean): Promise<Finding | undefined> {
  const pictures = [...(await validPictures()), ...unusualJpegs()];
  while (goesOn()) {
    const bytes = random() < 0.1 ? madeUp(random) : mutate(random, pick(random, pictures));
    const start = process.cpuUsage();
    try {
      await tryPicture(random, bytes);
    } catch (error) {
      return { what: error instanceof Error ? (error.stack ?? error.message) : String(error), body: bytes };
    }
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1_000;
    if (took > patience) return { what: `took ${Math.round(took)} ms of processor time`, body: bytes };
  }
  return undefined;
}

/** @throws Error where something went wrong that is not the picture's fault */
async function tryPicture(random: Random, bytes: Uint8Array): Promise<void> {
  let picture: Picture;
  try {
    picture = await decodePicture(
      bytes,
      {
        maxDimension,
        maxPixels: maxDimension ** 2,
        exifOrientation: random() < 0.5,
        partialImages: random() < 0.8,
      },
      nodePlatform,
    );
  } catch (error) {
    if (error instanceof PhizError && codes.includes(error.code)) return;
    throw error;
  }
  const { width, height } = picture;
  const reduction = pick<Reduction>(random, [1, 2, 4, 8]);
  const whole = picture.view({ left: 0, top: 0, right: width, bottom: height }, reduction);
  const { left, top } = whole;
  if (left + whole.raster.width * reduction < width || top + whole.raster.height * reduction < height) {
    throw new RangeError('a view that does not cover the picture');
  }
  const part = picture.view(somewhere(random, width, height), reduction);
  const { raster } = part;
  const expected = crop(
    whole.raster,
    (part.left - left) / reduction,
    (part.top - top) / reduction,
    raster.width,
    raster.height,
  );
  if (
    raster.data.length !== expected.data.length ||
    raster.data.some((value, at) => value !== expected.data[at])
  ) {
    throw new RangeError('a part that differs from the whole');
  }
}

function somewhere(random: Random, width: number, height: number): Box {
  const [x, y] = [random() * width, random() * height];
  return { left: x, top: y, right: x + 1 + random() * width, bottom: y + 1 + random() * height };
}

/** What no program at hand writes. */
function unusualJpegs(): Uint8Array[] {
  const size = { width: 150, height: 70 };
  const planes = testPlanes([
    [2, 2],
    [1, 1],
    [1, 1],
  ]);
  const variants: EncodeOptions[] = [
    { ...size, planes, restart: 3 },
    { ...size, planes, longCodes: true, writeTables: true },
    { ...size, planes, writeTables: false },
    { ...size, planes, progressive: true, longCodes: true, scans: progressiveScript, restart: 4 },
    {
      ...size,
      planes: testPlanes([
        [4, 1],
        [1, 1],
        [2, 1],
      ]),
      scans: [{ components: [0, 2] }, { components: [1] }],
    },
    {
      ...size,
      planes: testPlanes([
        [3, 3],
        [1, 1],
        [2, 2],
      ]),
    },
    {
      ...size,
      planes: testPlanes([
        [1, 1],
        [1, 1],
        [1, 1],
        [1, 1],
      ]),
      restart: 1,
    },
  ];
  return variants.map(encodeJpeg);
}

/** A JPEG of random shape, scans and restarts, with a size that its data may not fill. */
function madeUp(random: Random): Uint8Array {
  const progressive = random() < 0.6;
  const factor = () => 1 + below(random, 4);
  const planes = testPlanes(
    Array.from({ length: pick(random, [1, 3, 4]) }, () => [factor(), factor()] as const),
  );
  const scans = Array.from({ length: 1 + below(random, 12) }, (): ScanScript => {
    const components = planes.map((_, index) => index).filter(() => random() < 0.6);
    const [from, low] = [progressive && random() < 0.7 ? 1 + below(random, 63) : 0, below(random, 3)];
    const only = components.length > 0 ? components : [0];
    return progressive
      ? {
          components: from > 0 ? [only[0]!] : only,
          from,
          to: from > 0 ? from + below(random, 64 - from) : 0,
          high: random() < 0.5 ? low + 1 : 0,
          low,
        }
      : { components: only };
  });
  const [width, height] = [1 + below(random, 60), 1 + below(random, 60)];
  const bytes = encodeJpeg({
    width,
    height,
    planes,
    progressive,
    scans,
    longCodes: true,
    restart: below(random, 6),
  });
  if (random() < 0.5) return bytes;
  // A header that promises more than there is.
  const frame = bytes.findIndex(
    (byte, at) => byte === 0xff && (bytes[at + 1] === 0xc0 || bytes[at + 1] === 0xc2),
  );
  bytes.set([below(random, 8), below(random, 256), below(random, 8), below(random, 256)], frame + 5);
  return bytes;
}
