import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type { DecodeHeic, RgbaImage } from '../../src/image/codec.ts';
import { WasmDecoder } from '../../src/image/wasm-decoder.ts';

/**
 * The part of libheif-js that is used. Not its HeifDecoder and HeifImage: they keep every file, and write remarks
 * to standard output.
 */
interface Libheif {
  heif_context_alloc(): Context;
  heif_context_read_from_memory(context: Context, bytes: Uint8Array): Failure;
  heif_context_free(context: Context): void;
  heif_js_context_get_primary_image_handle(context: Context): Handle | Failure;
  heif_image_handle_get_width(handle: Handle): number;
  heif_image_handle_get_height(handle: Handle): number;
  heif_image_handle_release(handle: Handle): void;
  heif_js_decode_image2(handle: Handle, colours: unknown, layout: unknown): Promise<Decoded | Failure>;
  heif_image_release(image: unknown): void;
  readonly heif_error_code: { readonly heif_error_Ok: unknown };
  readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown };
  readonly heif_chroma: { readonly heif_chroma_interleaved_RGBA: unknown };
}

type Context = { readonly __context: never };
type Handle = { readonly __handle: never };

interface Decoded {
  readonly image: unknown;
  /** One, of all four interleaved; rows of `stride` bytes. */
  readonly channels: readonly [
    { readonly width: number; readonly height: number; readonly stride: number; readonly data: Uint8Array },
  ];
}

interface Failure {
  readonly code: unknown;
  readonly message: string;
}

const folder = 'libheif-js/libheif-wasm';
const program = `${folder}/libheif-bundle.mjs`;
const binary = `${folder}/libheif.wasm`;

/** Bytes that libheif may take: of its own, and for each pixel (YCbCr, RGBA, and a copy of either). */
const memory = { own: 64 * 1024 ** 2, perPixel: 24 };

let loading: Promise<WasmDecoder<Libheif> | undefined> | undefined;

/**
 * HEIC by libheif-js, where that is installed beside phiz: in a node_modules folder above the program, or above
 * the single file. phiz itself does not ship it.
 */
export const decodeHeic: DecodeHeic = async (bytes, mostPixels, checkpoint) => {
  loading ??= load();
  const decoder = await loading;
  const image = await decoder?.run(() => readFile(find(binary)!), {
    checkpoint,
    memory: memory.own + memory.perPixel * mostPixels,
    decode: (libheif) => primaryPicture(libheif, bytes, mostPixels),
  });
  return image ?? undefined;
};

async function primaryPicture(libheif: Libheif, bytes: Uint8Array, mostPixels: number): Promise<RgbaImage> {
  const context = libheif.heif_context_alloc();
  try {
    const read = libheif.heif_context_read_from_memory(context, bytes);
    if (read.code !== libheif.heif_error_code.heif_error_Ok) throw new Error(read.message);
    const handle = succeeded(libheif.heif_js_context_get_primary_image_handle(context));
    try {
      return await pixelsOf(libheif, handle, mostPixels);
    } finally {
      libheif.heif_image_handle_release(handle);
    }
  } finally {
    libheif.heif_context_free(context);
  }
}

async function pixelsOf(libheif: Libheif, handle: Handle, mostPixels: number): Promise<RgbaImage> {
  const announced =
    libheif.heif_image_handle_get_width(handle) * libheif.heif_image_handle_get_height(handle);
  if (announced > mostPixels) throw new Error(`libheif finds ${announced} pixels`);
  const { heif_colorspace_RGB } = libheif.heif_colorspace;
  const { heif_chroma_interleaved_RGBA } = libheif.heif_chroma;
  const { image, channels } = succeeded(
    await libheif.heif_js_decode_image2(handle, heif_colorspace_RGB, heif_chroma_interleaved_RGBA),
  );
  try {
    const [{ width, height, stride, data }] = channels;
    const pixels = new Uint8ClampedArray(4 * width * height);
    for (let row = 0; row < height; row++) {
      pixels.set(data.subarray(row * stride, row * stride + 4 * width), row * 4 * width);
    }
    return { width, height, data: pixels };
  } finally {
    libheif.heif_image_release(image);
  }
}

/** @throws Error with what libheif says */
function succeeded<Result extends object>(result: Result | Failure): Result {
  if ('code' in result && result.code) throw new Error(result.message);
  return result as Result;
}

async function load(): Promise<WasmDecoder<Libheif> | undefined> {
  const path = find(program);
  if (!path) return undefined;
  // Not by its name, which the build would look for.
  const { default: create } = (await import(pathToFileURL(path).href)) as { default: unknown };
  return new WasmDecoder<Libheif>(create);
}

function find(file: string): string | undefined {
  for (const from of [() => import.meta.url, () => pathToFileURL(process.execPath).href]) {
    try {
      return createRequire(from()).resolve(file);
    } catch {
      // Not there: on to the next place.
    }
  }
  return undefined;
}
