import type { CallOptions, Engine } from '../../src/engine.ts';
import { PhizError } from '../../src/errors.ts';
import { emotionLabels, type Face } from '../../src/face/face.ts';
import { encodePng } from '../../src/image/encode-png.ts';
import { createRaster } from '../../src/image/raster.ts';
import type { ExtractOptions, Outcome } from '../../src/pipeline/extraction.ts';
import { bytesOf, type PictureFile } from '../../src/pool/picture-bytes.ts';

export interface Asked {
  readonly picture: Uint8Array;
  readonly requests: readonly ExtractOptions[];
  readonly call: CallOptions | undefined;
}

/** One made-up face with every attribute. */
export const fakeFace: Required<Omit<Face, 'png'>> = {
  box: { left: 10, top: 20, right: 110, bottom: 140 },
  confidence: 0.987654321,
  embedding: Float32Array.of(0.6, -0.8, 0),
  gender: { label: 'female', score: -2.5 },
  age: 26.048346,
  emotions: emotionLabels.map((label, i) => ({ label, probability: i === 0 ? 0.7 : 0.05 })),
  chip: createRaster(4, 3),
  landmarks: {
    five: [
      { x: 1, y: 2 },
      { x: 3, y: 2 },
      { x: 2, y: 3 },
      { x: 1, y: 4 },
      { x: 3, y: 4 },
    ],
  },
  headPose: { yaw: 1, pitch: 2, roll: 3 },
  quality: -0.0012599,
};

const timings = { decode: 1.5, detect: 20, align: 0.25, embedding: 30 };

/**
 * An engine for tests of the HTTP layer alone: it finds {@link fakeFace} in every picture. What the
 * bytes say decides how: `hang` never answers, `crash` fails as a bug would, `overloaded` refuses,
 * `bad` is no picture.
 */
export function fakeEngine(): Engine & { readonly asked: Asked[] } {
  const asked: Asked[] = [];

  async function extractAll(file: PictureFile, requests: readonly ExtractOptions[], call?: CallOptions) {
    const picture = await bytesOf(file);
    asked.push({ picture, requests, call });
    const text = new TextDecoder('latin1').decode(picture.subarray(0, 20));
    if (text === 'hang') return new Promise<Outcome[]>(() => {});
    if (text === 'crash') throw new TypeError('secret detail of a bug');
    return requests.map((request): Outcome => {
      if (text === 'overloaded') return failure('OVERLOADED', 'busy');
      if (text === 'bad') return failure('IMAGE_DECODING_FAILED', 'Failed to decode: no known format');
      return { ok: true, value: { width: 640, height: 480, faces: [facePart(request)], timings } };
    });
  }

  return {
    asked,
    extractAll,
    async extract(picture, options = {}, call) {
      const [outcome] = await extractAll(picture, [options], call);
      if (!outcome!.ok) throw outcome!.error;
      return outcome!.value;
    },
    async close() {},
  };
}

const failure = (code: 'OVERLOADED' | 'IMAGE_DECODING_FAILED', text: string): Outcome => ({
  ok: false,
  error: new PhizError(code, text),
});

function facePart({ attributes = [], chips = 'pixels' }: ExtractOptions): Face {
  const { chip, ...others } = fakeFace;
  const png = encodePng(chip);
  const base64 = Buffer.from(png).toString('base64');
  const files = {
    pixels: { chip },
    png: { png },
    base64: { png: base64 },
    'base64-bytes': { png: Buffer.from(base64) },
  };
  const given = { ...others, chip: files[chips] };
  const chosen = Object.entries(given).filter(([name]) => (attributes as string[]).includes(name));
  const { chip: file, ...values } = Object.fromEntries(chosen);
  return { box: fakeFace.box, confidence: fakeFace.confidence, ...values, ...(file as object) };
}
