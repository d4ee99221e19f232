import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { pathOf } from '../contract/samples.ts';
import { writeBmp } from './write-bmp.ts';

const size = { width: 960, height: 640 };
const photograph = () => sharp(pathOf('sample1.jpg')).resize(size.width, size.height);

/** The same photograph in every format that phiz reads by itself, by file name. The first is the reference. */
export async function oneOfEach(): Promise<Map<string, Uint8Array>> {
  const frames = await Promise.all(
    [photograph(), photograph().negate()].map((each) => each.png().toBuffer()),
  );
  const pixels = await photograph().raw().toBuffer();
  const bgr = pixels.map((_, at) => pixels[at - (at % 3) + 2 - (at % 3)]!);
  const files: Readonly<Record<string, Promise<Uint8Array> | Uint8Array>> = {
    'photo.png': photograph().png().toBuffer(),
    'photo.jpg': photograph().jpeg({ quality: 95 }).toBuffer(),
    'photo.webp': photograph().webp({ quality: 90 }).toBuffer(),
    'animated.webp': sharp(frames, { join: { animated: true } })
      .webp({ quality: 90 })
      .toBuffer(),
    'photo.gif': photograph().gif().toBuffer(),
    'photo.bmp': writeBmp({ ...size, height: -size.height, bits: 24, pixels: bgr }),
    'lzw.tiff': photograph().tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer(),
    'jpeg.tif': photograph().tiff({ compression: 'jpeg', quality: 95, tile: true }).toBuffer(),
    'photo.avif': photograph().avif({ quality: 80, effort: 0 }).toBuffer(),
  };
  const read = async ([name, bytes]: [string, Promise<Uint8Array> | Uint8Array]) =>
    [name, new Uint8Array(await bytes)] as const;
  return new Map(await Promise.all(Object.entries(files).map(read)));
}

/** The photograph as HEIC; undefined where the program that writes it, of Debian's libheif-examples, is not installed. */
export async function asHeic(width = size.width): Promise<Uint8Array | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'phiz-heic-'));
  try {
    await writeFile(join(folder, 'photo.png'), await photograph().resize(width).png().toBuffer());
    await promisify(execFile)('heif-enc', ['-q', '80', 'photo.png', '-o', 'photo.heic'], { cwd: folder });
    return new Uint8Array(await readFile(join(folder, 'photo.heic')));
  } catch (error) {
    // Where everything must hold, everything is there: see .ci/run.
    if (process.env.CI) throw error;
    return undefined;
  } finally {
    await rm(folder, { recursive: true });
  }
}
