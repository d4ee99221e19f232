import { readFile } from 'node:fs/promises';
import { nodePlatform } from '../../runtimes/node/host.ts';
import { decodePicture } from '../../src/image/decode.ts';
import type { Box } from '../../src/image/geometry.ts';
import type { Picture } from '../../src/image/picture.ts';
import { createInstance, portsOf } from '../../src/pipeline/create-instance.ts';
import type { InstanceSettings } from '../../src/pipeline/settings.ts';
import { type Patch, patchAround } from './paste.ts';

/** The default detector at work on pictures in memory, without threads. */
export function createFinder(settings: InstanceSettings) {
  let picture: Picture | undefined;
  const instance = createInstance(nodePlatform, settings, {
    ...portsOf(nodePlatform, settings),
    decode: async () => picture!,
  });
  return {
    async find(
      looked: Picture,
      detector: 'primary' | 'light' = 'primary',
    ): Promise<{ boxes: Box[]; milliseconds: number }> {
      picture = looked;
      const [outcome] = await instance.locate(new Uint8Array(), [{ detector }], () => {});
      if (!outcome?.ok) throw outcome?.error ?? new Error('no answer');
      const { faces, timings } = outcome.value;
      return { boxes: faces.map(({ box }) => box), milliseconds: timings.detect ?? 0 };
    },
    close: () => instance.close(),
  };
}

/** A photograph's pixels. */
export async function decodePhotograph(path: string): Promise<Picture> {
  return decodePicture(
    await readFile(path),
    {
      maxDimension: 16_384,
      exifOrientation: true,
      maxPixels: 100_000_000,
      partialImages: false,
    },
    { readAsset: (name) => nodePlatform.readAsset(name) },
  );
}

/** The faces of photographs, as the detector itself finds them there. */
export async function readPatches(
  paths: readonly string[],
  find: (picture: Picture) => Promise<{ readonly boxes: readonly Box[] }>,
): Promise<Patch[]> {
  const patches: Patch[] = [];
  for (const path of paths) {
    const picture = await decodePhotograph(path);
    const { raster } = picture.view({ left: 0, top: 0, right: picture.width, bottom: picture.height }, 1);
    const { boxes } = await find(picture);
    patches.push(...boxes.map((box) => patchAround(raster, box)));
  }
  return patches;
}
