import sharp from 'sharp';
import { pathOf } from '../contract/samples.ts';
import { writePng } from '../image/write-png.ts';

/** Valid pictures of every format, small so that many can be tried. */
export async function validPictures(): Promise<Uint8Array[]> {
  const photograph = () => sharp(pathOf('sample1.jpg')).resize(120, 90);
  const wave = (x: number, y: number, channel: number) => (x * y + channel) & 1;
  const palette = { name: 'PLTE', data: Uint8Array.from({ length: 6 }, (_, at) => at * 50) };
  return Promise.all([
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
  ]);
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
