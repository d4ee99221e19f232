import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

/** A file to decode. */
export interface DecodePicture {
  /** Size and coding, for people. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

export const sizes = [
  { megapixels: 0.3, width: 640, height: 480 },
  { megapixels: 2.5, width: 1920, height: 1280 },
  { megapixels: 12, width: 4000, height: 3000 },
  { megapixels: 24, width: 6000, height: 4000 },
] as const;

const readPhotographs = () =>
  Promise.all(
    [1, 2, 3, 4, 5, 6].map((number) =>
      readFile(`node_modules/@vladmandic/face-api/demo/sample${number}.jpg`),
    ),
  );

/** The same as PNG, with the filters that libpng's heuristic chooses for each row. */
export async function* makePngs(largest: number): AsyncGenerator<DecodePicture> {
  const tiles = await readPhotographs();
  for (const { megapixels, width, height } of sizes) {
    // What is larger takes long to write, and tells nothing new.
    if (megapixels > Math.min(largest, 12)) continue;
    const pixels = await mosaic(tiles, width, height);
    for (const kind of ['RGB', 'RGBA']) {
      const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
      const bytes = await (kind === 'RGBA' ? picture.ensureAlpha() : picture)
        .png({ adaptiveFiltering: true })
        .toBuffer();
      yield { name: `${megapixels} Mpx, ${kind}`, width, height, bytes: new Uint8Array(bytes) };
    }
  }
}

/**
 * The photographs side by side, as many as fill each size: enlarged ones would have less detail in a
 * pixel than a camera's. Encoded at quality 88, baseline with the standard's Huffman tables as most cameras do.
 */
export async function* makeJpegs(largest: number): AsyncGenerator<DecodePicture> {
  const tiles = await readPhotographs();
  for (const { megapixels, width, height } of sizes) {
    if (megapixels > largest) continue;
    const pixels = await mosaic(tiles, width, height);
    for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
      for (const progressive of [false, true]) {
        const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
          .jpeg({ quality: 88, chromaSubsampling, progressive, optimizeCoding: progressive })
          .toBuffer();
        const name = `${megapixels} Mpx, ${chromaSubsampling}, ${progressive ? 'progressive' : 'baseline'}`;
        yield { name, width, height, bytes: new Uint8Array(bytes) };
      }
    }
  }
}

/** The same in the formats that people send less often, each as most programs write it. */
export async function* makeOthers(largest: number): AsyncGenerator<DecodePicture> {
  const tiles = await readPhotographs();
  for (const { megapixels, width, height } of sizes) {
    // What is larger takes long to write, and tells nothing new.
    if (megapixels > Math.min(largest, 12)) continue;
    const pixels = await mosaic(tiles, width, height);
    const picture = () => sharp(pixels, { raw: { width, height, channels: 3 } });
    const files: [string, Promise<Uint8Array>][] = [
      ['WebP, lossy', picture().webp({ quality: 85, effort: 0 }).toBuffer()],
      ['WebP, lossless', picture().webp({ lossless: true, effort: 0 }).toBuffer()],
      ['GIF', picture().gif({ effort: 1 }).toBuffer()],
      ['TIFF, LZW', picture().tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer()],
      ['TIFF, tiles of JPEG', picture().tiff({ compression: 'jpeg', quality: 88, tile: true }).toBuffer()],
      ['AVIF', picture().avif({ quality: 60, effort: 0 }).toBuffer()],
    ];
    for (const [kind, bytes] of files) {
      yield { name: `${megapixels} Mpx, ${kind}`, width, height, bytes: new Uint8Array(await bytes) };
    }
  }
}

async function mosaic(tiles: readonly Uint8Array[], width: number, height: number): Promise<Uint8Array> {
  const [tileWidth, tileHeight] = [1920, 1280];
  if (width < tileWidth) return sharp(tiles[1]).resize(width, height, { fit: 'cover' }).raw().toBuffer();
  const columns = Math.ceil(width / tileWidth);
  const rows = Math.ceil(height / tileHeight);
  const pieces = await Promise.all(
    Array.from({ length: columns * rows }, async (_, index) => ({
      input: await sharp(tiles[(index + 1) % tiles.length])
        .resize(tileWidth, tileHeight, { fit: 'cover' })
        .toBuffer(),
      left: (index % columns) * tileWidth,
      top: Math.floor(index / columns) * tileHeight,
    })),
  );
  const whole = { width: columns * tileWidth, height: rows * tileHeight };
  const canvas = await sharp({ create: { ...whole, channels: 3, background: 'black' } })
    .composite(pieces)
    .removeAlpha()
    .raw()
    .toBuffer();
  return sharp(canvas, { raw: { ...whole, channels: 3 } })
    .extract({ left: 0, top: 0, width, height })
    .raw()
    .toBuffer();
}
