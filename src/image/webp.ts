import factory from '@jsquash/webp/codec/dec/webp_dec.js';
import { PhizError } from '../errors.ts';
import {
  type Codec,
  type DecodeContext,
  type Decoded,
  decodingFailed,
  grey,
  type Header,
  requireHalf,
} from './codec.ts';
import { orientationOf } from './orientation.ts';
import type { Raster } from './raster.ts';
import { rasterPicture } from './raster-picture.ts';
import { WasmDecoder } from './wasm-decoder.ts';
import {
  chunksOf,
  frameOf,
  type RiffChunk,
  stillOf,
  type WebpFrame,
  webpMetadata,
} from './webp/container.ts';
import { onCanvas, withoutAlpha } from './without-alpha.ts';

interface Module {
  decode(bytes: Uint8Array): ImageData | null;
}

interface WebpHeader extends Header {
  /** The picture, or an animation's first one. */
  readonly frame: WebpFrame;
}

/** Bytes that libwebp may take: of its own, and for each pixel (ARGB of the lossless coding, RGBA, alpha). */
const memory = { own: 64 * 1024 ** 2, perPixel: 16 };

/** One for the thread. */
const decoder = new WasmDecoder<Module>(factory);

/**
 * WebP by libwebp in WebAssembly, lossy and lossless; of an animation the first frame, on its canvas.
 * Memory while it decodes: 8 bytes a pixel, beside the picture's 3.
 */
export const webp: Codec<WebpHeader> = {
  name: 'WebP',

  recognises: (bytes) => /^RIFF[\s\S]{4}WEBP/.test(String.fromCharCode(...bytes.subarray(0, 12))),

  readHeader(bytes) {
    const chunks = [...chunksOf(bytes)];
    const frame = frameOf(chunks);
    if (!frame) throw decodingFailed('a WebP without a picture header');
    const canvas = canvasOf(chunks[0]!) ?? frame;
    const fits = isAnimated(chunks)
      ? frame.left + frame.width <= canvas.width && frame.top + frame.height <= canvas.height
      : frame.width === canvas.width && frame.height === canvas.height;
    if (!fits) {
      throw decodingFailed('a WebP whose headers contradict each other');
    }
    const { width, height } = canvas;
    return { width, height, frame, orientation: orientationOf(webpMetadata(chunks)) };
  },

  async decode(_bytes, { width, height, frame }, context): Promise<Decoded> {
    requireHalf('WebP', frame.missing);
    const { raster, missing } =
      frame.missing > 0
        ? await decodeRest(frame, context)
        : { raster: await decodeStill(frame, 0, context), missing: 0 };
    return { picture: rasterPicture(onCanvas(raster, frame, width, height)), missing };
  },
};

const isAnimated = (chunks: readonly RiffChunk[]) => chunks.some(({ name }) => name === 'ANMF');

/** Size of the canvas, where the file has one (RFC 9649, section 2.7.1). */
function canvasOf({ name, payload }: RiffChunk): { width: number; height: number } | undefined {
  if (name !== 'VP8X' || payload.length < 10) return undefined;
  const [w, h] = [4, 7].map((at) => 1 + (payload[at]! | (payload[at + 1]! << 8) | (payload[at + 2]! << 16)));
  return { width: w!, height: h! };
}

/** @param filling what is put in place of bytes that the file does not have */
async function decodeStill(
  frame: WebpFrame,
  filling: number,
  { readAsset, checkpoint }: Pick<DecodeContext, 'readAsset' | 'checkpoint'>,
): Promise<Raster> {
  const image = await decoder
    .run(() => readAsset('wasm/webp.wasm'), {
      checkpoint,
      memory: memory.own + memory.perPixel * frame.width * frame.height + 2 * frame.data.length,
      decode: (module) => module.decode(stillOf(frame, filling)),
    })
    .catch((error: unknown) => {
      if (error instanceof PhizError) throw error;
      throw decodingFailed('damaged WebP data', error);
    });
  if (!image) throw decodingFailed('damaged WebP data');
  if (image.width !== frame.width || image.height !== frame.height) {
    throw decodingFailed('a WebP whose headers contradict each other');
  }
  return withoutAlpha(image, checkpoint);
}

/** Rows above the end of what is there that smoothing mixes with what is not. */
const smoothed = 16;

/**
 * The first part of a frame that is cut off. libwebp takes whole files only, and where it would have gone astray
 * it does not say: what it makes of two fillings in the same way comes of the file, what follows is grey.
 */
async function decodeRest(
  frame: WebpFrame,
  context: DecodeContext,
): Promise<{ raster: Raster; missing: number }> {
  const first = await decodeStill(frame, 0, context);
  const second = await decodeStill(frame, 0x80, context);
  const rowBytes = 3 * frame.width;
  let differs = first.data.length;
  for (let at = 0; at < differs; at++) if (first.data[at] !== second.data[at]) differs = at;
  const rows =
    differs === first.data.length ? frame.height : Math.max(0, Math.floor(differs / rowBytes) - smoothed);
  first.data.fill(grey, rows * rowBytes);
  return { raster: first, missing: 1 - rows / frame.height };
}
