import { threadId } from 'node:worker_threads';
import { PhizError } from '../../src/errors.ts';
import type { AlignedFace } from '../../src/face/face.ts';
import type { Picture } from '../../src/image/picture.ts';
import { helpWith, passOver } from '../../src/nn/batch.ts';
import type { ImageInput } from '../../src/nn/image-input.ts';
import { tensorOf } from '../../src/nn/images.ts';
import type { Network } from '../../src/nn/network.ts';
import { withHelpers } from '../../src/nn/shared-pass.ts';
import { defaultSettings, type InstanceSettings } from '../../src/pipeline/settings.ts';
import type { Instance } from '../../src/pipeline/work.ts';
import type { ThreadPlatform } from '../../src/platform.ts';

/** What a "picture" of the fake instance says: how it is to behave. */
export interface Script {
  /** In pixels. */
  readonly width?: number;
  /** Faces found for each request. */
  readonly faces?: number;
  /** Milliseconds of computing, without yielding, for locating and for describing each face. */
  readonly locate?: number;
  readonly describe?: number;
  readonly misbehave?: 'crash' | 'hang' | 'loop' | 'throw' | 'out of memory' | 'refuse';
  /** Misbehave only the first time: the flag is shared by all threads. */
  readonly once?: boolean;
  /** Instead of the above: a batch of so many items goes through a network, and each is a face. */
  readonly items?: number;
  /** Milliseconds for each of them, and what whoever helps with them does. */
  readonly item?: number;
  /** How often the batch goes through, one time at once after the other. Default 1. */
  readonly passes?: number;
  readonly helper?: Script['misbehave'];
}

export interface FakeSettings extends InstanceSettings {
  /** One cell: how often an instance has misbehaved. */
  readonly misdeeds: SharedArrayBuffer;
  /** One cell each: how often a picture was opened, and closed. */
  readonly openings?: SharedArrayBuffer;
  readonly closings?: SharedArrayBuffer;
  readonly failToLoad?: 'once' | 'always';
  readonly refuseToLoad?: boolean;
  /** An asset to read while loading. */
  readonly asset?: string;
}

export function fakeSettings(more: Partial<FakeSettings> = {}): FakeSettings {
  return { ...defaultSettings, misdeeds: new SharedArrayBuffer(4), ...more };
}

export function picture(script: Script): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(script));
}

/**
 * A stand-in for real networks, for what cannot be provoked in them: it burns time instead of
 * computing, and crashes, hangs or runs out of memory when its picture says so. The `age` of a face
 * is the number of the thread that described it, and so is its `embedding`.
 */
export function createFakeInstance(platform: ThreadPlatform, settings: FakeSettings): Instance {
  const { misdeeds, openings, closings, failToLoad, refuseToLoad, asset } = settings;
  const count = new Int32Array(misdeeds);
  const read = (bytes: Uint8Array): Script => JSON.parse(new TextDecoder().decode(bytes));
  const faceOfItem = (left: number, top: number) => ({
    box: { left, top, right: left + 5, bottom: top + 5 },
    confidence: 0.5,
  });
  async function throughNetwork({ items = 0, item = 0, helper }: Script, checkpoint: () => void) {
    const own = networkOf(item, checkpoint);
    const network = platform.helpers ? withHelpers(helper ?? String(item), own, platform.helpers) : own;
    return passOver(network, numbers, { width: 1, height: 1 }, [...Array(items).keys()], {
      most: 16,
      drawingOf: (number) => ({
        raster: { width: 1, height: 1, data: Uint8Array.of(number, number, number) },
        source: { left: 0, top: 0, right: 1, bottom: 1 },
        mirrored: false,
      }),
      read: ({ doubled, thread }) => faceOfItem(doubled!.data[0]!, thread!.data[0]!),
    });
  }
  return {
    async ready() {
      if (asset) await platform.readAsset(asset);
      if (refuseToLoad) throw new PhizError('MODEL_UNAVAILABLE', 'the file does not fit');
      const fails = failToLoad === 'always' || (failToLoad === 'once' && Atomics.add(count, 0, 1) === 0);
      if (fails) throw new Error('weights are corrupt');
      return { pretence: 'a clock' };
    },
    async open(bytes) {
      if (openings) Atomics.add(new Int32Array(openings), 0, 1);
      const close = () => closings && Atomics.add(new Int32Array(closings), 0, 1);
      // What is located in it is a script here.
      return { picture: { ...read(bytes), close } as unknown as Picture, timings: {} };
    },
    async locate(source, requests, checkpoint) {
      const script = source instanceof Uint8Array ? read(source) : (source.picture as unknown as Script);
      const { width = 100, faces = 0, locate = 0, describe = 0, misbehave, once } = script;
      if (misbehave && (Atomics.add(count, 0, 1) === 0 || !once)) await misdeed(misbehave);
      burn(locate, checkpoint);
      if (script.items) {
        const found = [];
        for (let pass = 0; pass < (script.passes ?? 1); pass++)
          found.push(...(await throughNetwork(script, checkpoint)));
        const sighting = { width, height: 50, timings: {}, aligned: false, faces: found } as const;
        return requests.map(() => ({ ok: true, value: sighting }));
      }
      return requests.map(({ attributes, region }) => ({
        ok: true,
        value: {
          width,
          height: 50,
          timings: { detect: locate },
          ...located(
            Array.from({ length: faces }, (_, face) => fakeFace((region?.left ?? 0) + face, describe)),
            attributes !== undefined,
          ),
        },
      }));
    },
    async describe(faces, attributes, checkpoint) {
      for (const face of faces) burn(face.toChip.a, checkpoint);
      return {
        faces: faces.map(({ box, confidence }) => ({
          box,
          confidence,
          ...(attributes.includes('age') && { age: threadId }),
          ...(attributes.includes('embedding') && { embedding: Float32Array.of(threadId) }),
        })),
        timings: { age: faces.length },
      };
    },
    async help({ network, shared }, checkpoint) {
      if (Number.isNaN(Number(network))) await misdeed(network as NonNullable<Script['misbehave']>);
      return helpWith(networkOf(Number(network), checkpoint), numbers, shared);
    },
    async close() {},
  };
}

/** The input of the network below: an image of one pixel is a number. */
const numbers: ImageInput = {
  name: 'value',
  layout: 'NCHW',
  order: 'RGB',
  mean: 0,
  scale: 1,
  size: { multipleOf: 1 },
};

/** A network that doubles numbers, in so many milliseconds each, and says in which thread. */
function networkOf(milliseconds: number, checkpoint: () => void): Network {
  return {
    inputNames: ['value'],
    outputNames: ['doubled', 'thread'],
    runsOn: 'a clock',
    async run({ value }) {
      const reds = tensorOf(value!).data.filter((_, index) => index % 3 === 0);
      burn(reds.length * milliseconds, checkpoint);
      const shape = [reds.length, 1];
      return {
        doubled: { data: reds.map((each) => 2 * each), shape },
        thread: { data: reds.map(() => threadId), shape },
      };
    },
    async close() {},
  };
}

function located(faces: AlignedFace[], aligned: boolean) {
  return aligned
    ? { aligned, faces }
    : { aligned, faces: faces.map(({ box, confidence }) => ({ box, confidence })) };
}

function fakeFace(left: number, describe: number): AlignedFace {
  return {
    box: { left, top: 0, right: left + 5, bottom: 5 },
    confidence: 0.5,
    chip: { width: 2, height: 2, data: new Uint8Array(12) },
    toChip: { a: describe, b: 0, c: 0, d: 0, e: 1, f: 0 },
  };
}

/** Computes for some time, with a checkpoint each millisecond. */
function burn(milliseconds: number, checkpoint: () => void): void {
  const end = performance.now() + milliseconds;
  for (let now = performance.now(); now < end; ) {
    const next = Math.min(now + 1, end);
    while (now < next) now = performance.now();
    checkpoint();
  }
}

async function misdeed(kind: NonNullable<Script['misbehave']>): Promise<void> {
  switch (kind) {
    case 'crash':
      process.exit(7);
      break;
    case 'hang':
      await new Promise(() => {});
      break;
    case 'loop':
      for (;;);
    case 'throw':
      throw new Error('unreachable executed');
    case 'out of memory': {
      const kept: unknown[] = [];
      for (;;) kept.push(new Array(1e6).fill({ kept: kept.length }));
    }
    case 'refuse':
      throw new PhizError('IMAGE_DECODING_FAILED', 'Failed to decode: not a picture');
  }
}
