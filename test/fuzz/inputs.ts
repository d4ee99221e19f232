import sharp, { type Sharp } from 'sharp';
import { pathOf } from '../contract/samples.ts';
import { asHeic } from '../image/one-of-each.ts';
import { writeBmp } from '../image/write-bmp.ts';
import { writePng } from '../image/write-png.ts';

/** Valid pictures of every format that can be written here, small so that many can be tried. */
export async function validPictures(): Promise<Uint8Array[]> {
  const photograph = () => sharp(pathOf('sample1.jpg')).resize(120, 90);
  const wave = (x: number, y: number, channel: number) => (x * y + channel) & 1;
  const palette = { name: 'PLTE', data: Uint8Array.from({ length: 6 }, (_, at) => at * 50) };
  const heic = await asHeic();
  return Promise.all([
    ...(heic ? [heic] : []),
    photograph().jpeg({ quality: 80 }).toBuffer(),
    photograph().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
    photograph().jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer(),
    photograph().greyscale().jpeg().toBuffer(),
    photograph().toColourspace('cmyk').jpeg().toBuffer(),
    photograph().png().toBuffer(),
    photograph().png({ progressive: true, palette: true }).toBuffer(),
    writePng({
      width: 33,
      height: 9,
      colourType: 3,
      depth: 1,
      interlaced: true,
      sample: wave,
      chunks: [palette],
    }),
    writePng({ width: 17, height: 5, colourType: 6, depth: 16, interlaced: false, sample: wave }),
    photograph().webp().toBuffer(),
    photograph().webp({ lossless: true }).toBuffer(),
    photograph().ensureAlpha(0.5).webp().withMetadata({ orientation: 3 }).toBuffer(),
    ...animations(photograph),
    photograph().gif().toBuffer(),
    photograph().gif({ progressive: true, colours: 8 }).toBuffer(),
    ...bitmaps(),
    photograph().tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer(),
    photograph().tiff({ compression: 'deflate', tile: true, tileWidth: 32, tileHeight: 48 }).toBuffer(),
    photograph().tiff({ compression: 'packbits' }).withMetadata({ orientation: 5 }).toBuffer(),
    photograph().tiff({ compression: 'jpeg' }).toBuffer(),
    photograph().threshold(100).tiff({ compression: 'none', bitdepth: 1 }).toBuffer(),
    photograph().toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer(),
    photograph().ensureAlpha(0.5).toColourspace('rgb16').tiff({ compression: 'deflate' }).toBuffer(),
    photograph().avif({ effort: 0 }).toBuffer(),
    photograph().ensureAlpha(0.5).avif({ effort: 0, bitdepth: 8, chromaSubsampling: '4:2:0' }).toBuffer(),
  ]);
}

/** A picture and its negative, one after the other. */
function animations(photograph: () => Sharp): Promise<Uint8Array>[] {
  const animated = async () => {
    const frames = await Promise.all(
      [photograph(), photograph().negate()].map((each) => each.png().toBuffer()),
    );
    return sharp(frames, { join: { animated: true } });
  };
  return [
    animated().then((frames) => frames.webp({ lossless: true }).toBuffer()),
    animated().then((frames) => frames.webp().toBuffer()),
  ];
}

function bitmaps(): Uint8Array[] {
  const palette = Array.from({ length: 16 }, (_, at) => [at * 16, 255 - at * 9, at] as const);
  const noise = (length: number) => Uint8Array.from({ length }, (_, at) => (at * at * 7) & 255);
  const size = { width: 31, height: 19 };
  const runs = Array.from({ length: 19 }, (_, row) => [
    20,
    row & 15,
    0,
    5,
    1,
    2,
    3,
    4,
    5,
    0,
    6,
    9,
    0,
    0,
  ]).flat();
  return [
    writeBmp({ ...size, bits: 24, pixels: noise(96 * 19) }),
    writeBmp({ ...size, height: -19, bits: 4, palette, pixels: noise(16 * 19) }),
    writeBmp({ ...size, bits: 8, compression: 1, palette, pixels: Uint8Array.from([...runs, 0, 1]) }),
    writeBmp({ ...size, bits: 4, compression: 2, palette, pixels: Uint8Array.from([...runs, 0, 1]) }),
    writeBmp({ ...size, bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f], pixels: noise(64 * 19) }),
    writeBmp({
      ...size,
      bits: 32,
      compression: 3,
      header: 124,
      masks: [0xff0000, 0xff00, 0xff, 0xff000000],
      pixels: noise(124 * 19),
    }),
  ];
}

export const boundary = 'fuzz-boundary';

/** A valid body of a multipart call on one picture. */
export function validForm(picture: Uint8Array): Uint8Array {
  const call = {
    requests: [
      {
        image: 'multipart:a',
        roi: { left: 0, top: 0, right: 100, bottom: 80 },
        detector: 'prenormalized',
        need_normalized: true,
      },
    ],
    include_timings: true,
  };
  const part = (headers: string) => `--${boundary}\r\nContent-Disposition: form-data; ${headers}\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(`${part('name="request"')}${JSON.stringify(call)}\r\n`),
    Buffer.from(part('name="a"; filename="a.jpg"')),
    picture,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}
