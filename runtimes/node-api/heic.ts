import { createRequire } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type { DecodeHeic, RgbaImage } from '../../src/image/codec.ts';

/** What is used of libheif-js. */
interface Libheif {
  HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] };
}

interface HeifImage {
  get_width(): number;
  get_height(): number;
  display(target: RgbaImage, done: (image: RgbaImage | null) => void): void;
  free(): void;
}

const program = 'libheif-js/libheif-wasm/libheif-bundle.mjs';

let loading: Promise<Libheif | undefined> | undefined;

/**
 * HEIC by libheif-js, where that is installed beside phiz: in a node_modules folder above the program, or above
 * the single file. phiz itself does not ship it.
 */
export const decodeHeic: DecodeHeic = async (bytes) => {
  loading ??= load();
  const libheif = await loading;
  if (!libheif) return undefined;
  const [image, ...others] = new libheif.HeifDecoder().decode(bytes);
  for (const other of others) other.free();
  if (!image) throw new Error('libheif finds no picture');
  const [width, height] = [image.get_width(), image.get_height()];
  try {
    return await new Promise<RgbaImage>((resolve, reject) => {
      image.display({ width, height, data: new Uint8ClampedArray(4 * width * height) }, (shown) =>
        shown ? resolve(shown) : reject(new Error('libheif cannot decode it')),
      );
    });
  } finally {
    image.free();
  }
};

async function load(): Promise<Libheif | undefined> {
  const path = find();
  if (!path) return undefined;
  // Not by its name, which the build would look for.
  const { default: create } = (await import(pathToFileURL(path).href)) as { default: () => Promise<Libheif> };
  return create();
}

function find(): string | undefined {
  for (const from of [() => import.meta.url, () => pathToFileURL(process.execPath).href]) {
    try {
      return createRequire(from()).resolve(program);
    } catch {
      // Not there: on to the next place.
    }
  }
  return undefined;
}
