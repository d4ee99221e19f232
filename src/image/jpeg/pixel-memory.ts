import type { Raster } from '../raster.ts';

/** Memory that is used again and again: made anew for each picture it would have V8 collect garbage all the time. */
interface Pool {
  /** Bytes that may have any value. */
  take(length: number): Uint8Array;
  /** @param views of memory that was taken, at which nobody looks any more */
  giveBack(views: readonly ArrayBufferView[]): void;
}

interface Spare {
  readonly bytes: number;
  /** It is held weakly: whoever collects garbage takes it. */
  readonly memory: WeakRef<ArrayBufferLike>;
}

/** @param make memory that has so many bytes; what else is there, none of which fits */
function createPool(make: (bytes: number, present: readonly ArrayBufferLike[]) => ArrayBufferLike): Pool {
  let spare: Spare[] = [];
  return {
    take(length) {
      for (const [place, { bytes, memory }] of spare.entries()) {
        // What is much larger would be kept alive by pictures that do not need it.
        const fits = bytes >= length && bytes <= 2 * length && memory.deref();
        if (!fits) continue;
        spare.splice(place, 1);
        return new Uint8Array(fits, 0, length);
      }
      spare = spare.filter(({ memory }) => memory.deref());
      const present = spare.map(({ memory }) => memory.deref()!);
      return new Uint8Array(make(length, present));
    },
    giveBack(views) {
      for (const { buffer } of views) spare.push({ bytes: buffer.byteLength, memory: new WeakRef(buffer) });
    },
  };
}

/** Memory that other threads can look at, where that is possible: a picture is shared as it is then. */
const SharedMemory = typeof SharedArrayBuffer === 'undefined' ? ArrayBuffer : SharedArrayBuffer;

/** Most bytes of it that wait for a picture of their size: collectors of garbage do not count them. */
const mostShared = 24_000_000;

/**
 * For views of whole pictures, which are large: V8 finds out late that the last ones are not needed any more, so
 * that they would be most of what an instance holds.
 */
export const wholePictures = createPool((length, present) => {
  const shared = present.filter((memory) => !(memory instanceof ArrayBuffer));
  const bytes = shared.reduce((sum, { byteLength }) => sum + byteLength, length);
  return bytes > mostShared ? new ArrayBuffer(length) : new SharedMemory(length);
});

/** For what is smaller and might not be given back. */
export const pieces = createPool((length) => new ArrayBuffer(length));

/** A raster whose pixels may have any value. */
export const takeRaster = (pool: Pool, width: number, height: number): Raster => ({
  width,
  height,
  data: pool.take(3 * width * height),
});
