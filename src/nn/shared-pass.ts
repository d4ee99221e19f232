import { type Drawing, seenBy } from '../image/drawing.ts';
import { area, type Size } from '../image/geometry.ts';
import { partialRaster } from '../image/raster.ts';
import type { Tensors } from './items.ts';
import type { Network, NetworkPart } from './network.ts';

/** Images that several instances look at: whoever is free takes the next ones. Plain data, for threads. */
export interface SharedImages {
  readonly size: Size;
  readonly drawings: readonly Drawing[];
  /** Images that are taken at once. */
  readonly step: number;
  /** One number of 32 bits: how many are taken. */
  readonly taken: SharedArrayBuffer;
}

/** What a network says of some of them. */
export interface Share {
  /** Index of the first image. */
  readonly from: number;
  readonly count: number;
  readonly outputs: Tensors;
}

/** The memory of shares' outputs, which have it for themselves. */
export const buffersOf = (shares: readonly Share[]): ArrayBuffer[] =>
  shares.flatMap(({ outputs }) => Object.values(outputs).map(({ data }) => data.buffer as ArrayBuffer));

/** A network and shared images that it is to look at. */
export interface Pass {
  /** The network's id. */
  readonly network: string;
  /** What is wanted of it; absent: all. */
  readonly part?: NetworkPart | undefined;
  readonly images: SharedImages;
}

/** Other instances with the same networks, which compute for this one while they have no work of their own. */
export interface Helpers {
  /** Idle instances at this moment; the number may change before they are asked. */
  readonly idle: number;
  /** Has one of them take a share. @returns undefined where none is free after all, or the one that was is lost */
  run(pass: Pass): Promise<readonly Share[] | undefined>;
}

/**
 * A network whose passes can be shared with whoever is idle.
 *
 * @param network its id
 * @param part what it has of theirs, where that is not all
 */
export const withHelpers = (
  network: string,
  loaded: Network,
  helpers: Helpers,
  part?: NetworkPart,
): Network => ({
  ...loaded,
  helpers: {
    get idle() {
      return helpers.idle;
    },
    run: (images) => helpers.run({ network, part, images }),
  },
  ...(loaded.only && { only: (wanted) => withHelpers(network, loaded.only!(wanted), helpers, wanted) }),
});

/** Takes images, and looks at them, for as long as there are some that nobody has taken. */
export async function takeShares(
  { drawings, step, taken }: SharedImages,
  look: (drawings: readonly Drawing[]) => Promise<Tensors>,
): Promise<Share[]> {
  const shares: Share[] = [];
  for (;;) {
    const from = Atomics.add(new Int32Array(taken), 0, step);
    const some = drawings.slice(from, from + step);
    if (some.length === 0) return shares;
    shares.push({ from, count: some.length, outputs: await look(some) });
  }
}

/** Pieces that each of those who take part is to get, about: the more, the less one waits for another in the end. */
const pieces = 4;

/**
 * Has a network look at images, together with whoever is idle. What is computed of an image depends neither on
 * the others beside it nor on who does it, so that the answer is the same, bit for bit.
 *
 * @param most images at once
 * @param look the pass in this instance
 * @param meanwhile something else to do while helpers begin
 * @returns shares of all images, in their order
 */
export function lookTogether(
  { idle, run }: NonNullable<Network['helpers']>,
  drawings: readonly Drawing[],
  size: Size,
  most: number,
  look: (drawings: readonly Drawing[]) => Promise<Tensors>,
  meanwhile?: () => Promise<void>,
): Promise<Share[]> {
  const step = Math.min(most, Math.ceil(drawings.length / (pieces * (1 + idle))));
  return withSharedPixels(drawings, size, async (shared) => {
    const images = { size, drawings: shared, step, taken: new SharedArrayBuffer(4) };
    const wanted = Math.ceil(drawings.length / step) - (meanwhile ? 0 : 1);
    const helped = Array.from({ length: Math.min(idle, wanted) }, () => run(images));
    await meanwhile?.();
    const shares = await takeShares(images, look);
    for (const each of helped) shares.push(...((await each) ?? []));
    // What a helper that was lost had taken.
    for (let from = 0; from < drawings.length; from += step) {
      if (shares.some((share) => share.from === from)) continue;
      const some = drawings.slice(from, from + step);
      shares.push({ from, count: some.length, outputs: await look(some) });
    }
    return shares.sort((one, other) => one.from - other.from);
  });
}

/** Kept for the next time: collectors of garbage do not count memory that is shared. */
let spare: SharedArrayBuffer | undefined;

/** Drawings whose pixels other threads can read, until what uses them is done. */
async function withSharedPixels<Result>(
  drawings: readonly Drawing[],
  size: Size,
  use: (shared: readonly Drawing[]) => Promise<Result>,
): Promise<Result> {
  const seen = drawings.map((drawing) => seenBy(drawing, size));
  const bytes = seen.reduce((sum, box) => sum + 3 * area(box), 0);
  const memory = spare && spare.byteLength >= bytes ? spare : new SharedArrayBuffer(bytes);
  // Whoever comes meanwhile takes memory of its own.
  spare = undefined;
  try {
    let end = 0;
    return await use(
      drawings.map((drawing, index) => {
        const box = seen[index]!;
        const start = end;
        end += 3 * area(box);
        const raster = partialRaster(drawing.raster, box, new Uint8Array(memory, start, end - start));
        return { ...drawing, raster };
      }),
    );
  } finally {
    spare = memory;
  }
}
