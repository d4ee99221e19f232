import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import decodeJsquash, { init } from '@jsquash/jpeg/decode.js';
import { decode as decodeJpegJs } from 'jpeg-js';
import { PNG } from 'pngjs';
import sharp from 'sharp';
import { nodePlatform } from '../../runtimes/node/host.ts';
import type { DecodeContext, Decoded, Header } from '../../src/image/codec.ts';
import { decodePicture } from '../../src/image/decode.ts';
import type { Box } from '../../src/image/geometry.ts';
import { jpeg } from '../../src/image/jpeg.ts';
import type { Picture, Reduction } from '../../src/image/picture.ts';
import { png } from '../../src/image/png.ts';
import type { DecodePicture } from './pictures.ts';

/** Something that is timed. */
export interface Decoder {
  readonly name: string;
  run(picture: DecodePicture): unknown;
}

const native: Decoder = { name: 'sharp', run: ({ bytes }) => sharp(bytes).raw().toBuffer() };

/** Every pixel of the picture. */
export const full: Decoder = {
  name: 'phiz, all pixels',
  run: ({ bytes }) => view(open(bytes, Number.POSITIVE_INFINITY), 1),
};

/** The views for a request with three faces: the whole picture at half its size, and every pixel of the faces. */
export const halfAndFaces: Decoder = {
  name: 'phiz, half and 3 faces',
  run({ bytes, width, height }) {
    const picture = open(bytes, Math.max(width, height) / 2);
    return [view(picture, 2), ...faces(picture).map((face) => picture.view(face, 1))];
  },
};

/** The engine's own demands: 512 pixels of the longer side, and of each face the pixels of a chip. */
export const asTheEngine: Decoder = {
  name: 'phiz, as the engine asks',
  run({ bytes }) {
    const picture = open(bytes, 512);
    const side = Math.max(picture.width, picture.height) / 8;
    const reduction: Reduction = side >= 600 ? 4 : side >= 300 ? 2 : 1;
    return faces(picture).map((face) => picture.view(face, reduction));
  },
};

export async function createJpegPeers(): Promise<Decoder[]> {
  const wasm = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
  await init(await WebAssembly.compile(await readFile(wasm)));
  return [
    {
      name: 'jpeg-js',
      run: ({ bytes }) =>
        decodeJpegJs(bytes, {
          useTArray: true,
          formatAsRGBA: false,
          maxMemoryUsageInMB: 8192,
          maxResolutionInMP: 100,
        }),
    },
    { name: '@jsquash/jpeg', run: ({ bytes }) => decodeJsquash(bytes.slice().buffer) },
    native,
  ];
}

/** PNG, which has no smaller view and no part that can be had without the rest. */
export const pngDecoders: readonly Decoder[] = [
  { name: 'phiz', run: async ({ bytes }) => png.decode(bytes, await png.readHeader(bytes), contextFor(0)) },
  { name: 'pngjs', run: ({ bytes }) => PNG.sync.read(Buffer.from(bytes)) },
  native,
];

/** Whatever the format, all pixels of it. */
export const otherDecoders: readonly Decoder[] = [
  {
    name: 'phiz',
    run: async ({ bytes }) => view(await decodePicture(bytes, roomy, nodePlatform), 1),
  },
  native,
];

/** No picture of the benchmark is too large. */
const roomy = { maxDimension: 16_384, maxPixels: 1e8, exifOrientation: true, partialImages: false };

function open(bytes: Uint8Array, overview: number): Picture {
  const header = jpeg.readHeader(bytes) as Header;
  const { picture } = jpeg.decode(bytes, header, contextFor(overview)) as Decoded;
  return picture;
}

/** The context of a decoder that has nobody to report to. */
function contextFor(overview: number): DecodeContext {
  return {
    checkpoint: () => {},
    overview,
    readAsset: (name) => nodePlatform.readAsset(name),
    decodeHeic: undefined,
  };
}

function view(picture: Picture, reduction: Reduction) {
  return picture.view({ left: 0, top: 0, right: picture.width, bottom: picture.height }, reduction);
}

/** Three squares of an eighth of the longer side, apart from each other as in a group photograph. */
function faces({ width, height }: Picture): Box[] {
  const side = Math.max(width, height) / 8;
  return [
    [0.2, 0.3],
    [0.5, 0.35],
    [0.7, 0.6],
  ].map(([x, y]) => {
    const [left, top] = [Math.round(x! * width), Math.round(y! * height)];
    return { left, top, right: left + side, bottom: top + side };
  });
}
