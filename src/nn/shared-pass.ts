import { type Drawing, seenBy } from '../image/drawing.ts';
import { area, type Size } from '../image/geometry.ts';
import { partialRaster } from '../image/raster.ts';
import type { Tensors } from './items.ts';
import type { Network, NetworkPart, Stem, StemBand } from './network.ts';

/** An image; or a band of one, with the place of its stem's map; or such a map, when it is made. */
export type SharedItem = Drawing | BandOfImage | StemMap;

interface StemMap {
  readonly map: Uint8Array;
}

interface BandOfImage extends StemMap {
  readonly drawing: Drawing;
  readonly band: StemBand;
  /**
   * One number that threads share: the bands of the image that are still to be made. Whoever makes the last one goes on
   * with the map: no message has to come first. Absent: whoever makes this band does not.
   */
  readonly left?: Int32Array | undefined;
}

/** What several instances look at: whoever is free takes the next items. Plain data, for threads. */
export interface SharedItems {
  /** Of each image. */
  readonly size: Size;
  /** All of one kind. */
  readonly items: readonly SharedItem[];
  /** Items that are taken at once. */
  readonly step: number;
  /** One number of 32 bits: how many are taken. */
  readonly taken: SharedArrayBuffer;
}

/** What a network says of some of them; of a band nothing, or, if whoever made it went on, what it says of the image. */
export interface Share {
  /** Index of the first item. */
  readonly from: number;
  readonly count: number;
  readonly outputs: Tensors;
}

/** A network and shared items that it is to look at. */
export interface Pass {
  /** The network's id. */
  readonly network: string;
  /** What is wanted of it; absent: all. */
  readonly part?: NetworkPart | undefined;
  readonly shared: SharedItems;
}

/** Waits for what a helper took. @returns undefined where none was free after all, or the one that was is lost */
export type TakeShares = () => Promise<readonly Share[] | undefined>;

/** Other instances with the same networks, which compute for this one while they have no work of their own. */
export interface Helpers {
  /** Idle instances at this moment; the number may change before they are asked. */
  readonly idle: number;
  /** Has one of them take a share, which can be had when nothing else is left to do. */
  run(pass: Pass): TakeShares;
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
    run: (shared) => helpers.run({ network, part, shared }),
  },
  ...(loaded.only && { only: (wanted) => withHelpers(network, loaded.only!(wanted), helpers, wanted) }),
});

/** Takes items, and looks at them, for as long as there are some that nobody has taken. */
export async function takeShares({ items, step, taken }: SharedItems, look: Look): Promise<Share[]> {
  const shares: Share[] = [];
  for (;;) {
    const from = Atomics.add(new Int32Array(taken), 0, step);
    const some = items.slice(from, from + step);
    if (some.length === 0) return shares;
    shares.push({ from, count: some.length, outputs: await look(some) });
  }
}

/** Pieces that each of those who take part is to get, about: the more, the less one waits for another in the end. */
const pieces = 4;

/** The pass of some items in this instance. */
type Look = (items: readonly SharedItem[]) => Promise<Tensors>;

interface Looked {
  /** Of all items, in their order. */
  readonly shares: Share[];
  /** True: a helper did not answer, and may still be at work. */
  readonly lost: boolean;
}

/**
 * Has a network look at images, together with whoever is idle. What is computed of an image depends neither on
 * the others beside it nor on who does it, so that the answer is the same, bit for bit.
 *
 * @param most images at once
 * @param meanwhile something else to do while helpers begin
 */
export function lookTogether(
  helpers: NonNullable<Network['helpers']>,
  drawings: readonly Drawing[],
  size: Size,
  most: number,
  look: Look,
  meanwhile?: () => Promise<void>,
): Promise<Share[]> {
  return withSharedPixels(drawings, size, 0, (shared) =>
    together(helpers, shared, size, most, look, meanwhile),
  );
}

/**
 * Has a network look at an image in two steps, the first one together with whoever is idle, as above. The second one
 * is a helper's, while `meanwhile` is done here: of the one who makes the last band, or else of one who is asked.
 */
export function lookInBands(
  helpers: NonNullable<Network['helpers']>,
  stem: Stem,
  drawing: Drawing,
  size: Size,
  look: Look,
  meanwhile?: () => Promise<void>,
): Promise<Share[]> {
  return withSharedPixels([drawing], size, stem.bytes(size), async ([shared], map) => {
    const bands = stem.bands(size, 1 + helpers.idle);
    const left = new Int32Array(new SharedArrayBuffer(4));
    left[0] = bands.length;
    const items = bands.map((band) => ({ drawing: shared as typeof drawing, band, map, left }));
    const lookHere: Look = async (some) => {
      const outputs = await look(some.map((item) => ({ ...item, left: undefined })));
      if (Atomics.sub(left, 0, 1) > 1) await meanwhile?.();
      return outputs;
    };
    const made = await together(helpers, items, size, 1, lookHere);
    const said = made.shares.find(({ outputs }) => Object.keys(outputs).length > 0);
    if (said) return { shares: [{ ...said, from: 0 }], lost: made.lost };
    const finished = await together(helpers, [{ map }], size, 1, look, meanwhile);
    return { ...finished, lost: made.lost || finished.lost };
  });
}

/** Whoever is free takes items, until all are looked at. */
async function together(
  { idle, run }: NonNullable<Network['helpers']>,
  items: readonly SharedItem[],
  size: Size,
  most: number,
  look: Look,
  meanwhile?: () => Promise<void>,
): Promise<Looked> {
  const step = Math.min(most, Math.ceil(items.length / (pieces * (1 + idle))));
  const shared = { size, items, step, taken: new SharedArrayBuffer(4) };
  const wanted = Math.ceil(items.length / step) - (meanwhile ? 0 : 1);
  const helped = Array.from({ length: Math.min(idle, wanted) }, () => run(shared));
  await meanwhile?.();
  const shares = await takeShares(shared, look);
  const answers = await Promise.all(helped.map((taken) => taken()));
  for (const each of answers) shares.push(...(each ?? []));
  // What a helper that was lost had taken.
  for (let from = 0; from < items.length; from += step) {
    if (shares.some((share) => share.from === from)) continue;
    const some = items.slice(from, from + step);
    shares.push({ from, count: some.length, outputs: await look(some) });
  }
  shares.sort((one, other) => one.from - other.from);
  return { shares, lost: answers.includes(undefined) };
}

/** Kept for the next time: collectors of garbage do not count memory that is shared. */
let spare: SharedArrayBuffer | undefined;

/**
 * Drawings whose pixels other threads can read, until what uses them is done, and memory for a stem's map.
 *
 * @param bytes of that map
 */
async function withSharedPixels(
  drawings: readonly Drawing[],
  size: Size,
  bytes: number,
  use: (shared: readonly Drawing[], map: Uint8Array) => Promise<Looked>,
): Promise<Share[]> {
  // Pictures that are shared already are looked at where they are.
  const seen = drawings.map((drawing) => (isShared(drawing) ? undefined : seenBy(drawing, size)));
  const all = seen.reduce((sum, box) => sum + (box ? 3 * area(box) : 0), bytes);
  const memory = spare && spare.byteLength >= all ? spare : new SharedArrayBuffer(all);
  // Whoever comes meanwhile takes memory of its own.
  spare = undefined;
  let end = bytes;
  const shared = drawings.map((drawing, index) => {
    const box = seen[index];
    if (!box) return drawing;
    const start = end;
    end += 3 * area(box);
    const raster = partialRaster(drawing.raster, box, new Uint8Array(memory, start, end - start));
    return { ...drawing, raster };
  });
  const { shares, lost } = await use(shared, new Uint8Array(memory, 0, bytes));
  // Whoever is lost, or was left behind by an error, might still write a band into it.
  if (!lost) spare = memory;
  return shares;
}

/** True where other threads can see a drawing's pixels. */
const isShared = ({ raster }: Drawing): boolean => raster.data.buffer instanceof SharedArrayBuffer;
