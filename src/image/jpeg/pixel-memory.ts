import type { Raster } from '../raster.ts';

/** Memory that pictures gave back. It is held weakly: whoever collects garbage takes it. */
let spare: WeakRef<ArrayBufferLike>[] = [];

/** Memory that other threads can look at, where that is possible: a picture is shared as it is then. */
const PixelMemory = typeof SharedArrayBuffer === 'undefined' ? ArrayBuffer : SharedArrayBuffer;

/**
 * A raster whose pixels may have any value. Rasters of whole pictures are large: made anew for each picture they
 * would be most of what an instance holds, since V8 finds out late that the last ones are not needed any more.
 */
export function takeRaster(width: number, height: number): Raster {
  const length = 3 * width * height;
  const present = spare.map((each) => each.deref()).filter((memory) => memory !== undefined);
  // One that is much larger would be kept alive by pictures that do not need it.
  const fits = ({ byteLength }: ArrayBufferLike) => byteLength >= length && byteLength <= 2 * length;
  const memory = present.find(fits) ?? new PixelMemory(length);
  spare = present.filter((other) => other !== memory).map((other) => new WeakRef(other));
  return { width, height, data: new Uint8Array(memory, 0, length) };
}

/** @param rasters from {@link takeRaster}, at which nobody looks any more */
export function giveBack(rasters: readonly Raster[]): void {
  spare.push(...rasters.map(({ data }) => new WeakRef(data.buffer)));
}
