import type { Raster } from '../raster.ts';

/** Memory that pictures gave back. It is held weakly: whoever collects garbage takes it. */
let spare: WeakRef<ArrayBufferLike>[] = [];

/** Memory that other threads can look at, where that is possible: a picture is shared as it is then. */
const SharedMemory = typeof SharedArrayBuffer === 'undefined' ? ArrayBuffer : SharedArrayBuffer;

/** Most bytes of it that wait for a picture of their size: collectors of garbage do not count them. */
const mostShared = 24_000_000;

/**
 * A raster whose pixels may have any value. Rasters of whole pictures are large: made anew for each picture they
 * would be most of what an instance holds, since V8 finds out late that the last ones are not needed any more.
 */
export function takeRaster(width: number, height: number): Raster {
  const length = 3 * width * height;
  const present = spare.map((each) => each.deref()).filter((memory) => memory !== undefined);
  // One that is much larger would be kept alive by pictures that do not need it.
  const fits = ({ byteLength }: ArrayBufferLike) => byteLength >= length && byteLength <= 2 * length;
  const memory = present.find(fits) ?? newMemory(length, present);
  spare = present.filter((other) => other !== memory).map((other) => new WeakRef(other));
  return { width, height, data: new Uint8Array(memory, 0, length) };
}

function newMemory(length: number, present: readonly ArrayBufferLike[]): ArrayBufferLike {
  const shared = present.filter((memory) => !(memory instanceof ArrayBuffer));
  const bytes = shared.reduce((sum, { byteLength }) => sum + byteLength, length);
  return bytes > mostShared ? new ArrayBuffer(length) : new SharedMemory(length);
}

/** @param rasters from {@link takeRaster}, at which nobody looks any more */
export function giveBack(rasters: readonly Raster[]): void {
  spare.push(...rasters.map(({ data }) => new WeakRef(data.buffer)));
}
