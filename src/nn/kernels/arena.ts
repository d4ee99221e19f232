import { roundUp } from '../../../wasm/plane.ts';

/** A stretch of memory that is needed from one step to another, both included. */
export interface Block {
  readonly bytes: number;
  readonly from: number;
  until: number;
}

/**
 * Places blocks in one stretch of memory so that those needed at the same time do not overlap:
 * each goes, largest first, into the lowest gap among those placed already.
 *
 * @returns the blocks' offsets, multiples of 64, and the bytes that all take
 */
export function placeBlocks(blocks: readonly Block[]): { offsets: number[]; bytes: number } {
  const offsets = blocks.map(() => 0);
  const order = [...blocks.keys()].filter((index) => blocks[index]!.bytes > 0);
  order.sort((a, b) => blocks[b]!.bytes - blocks[a]!.bytes);
  /** Those that have a place, the lowest first. */
  const placed: number[] = [];
  let end = 0;
  for (const index of order) {
    const { bytes, from, until } = blocks[index]!;
    let offset = 0;
    for (const other of placed) {
      const neighbour = blocks[other]!;
      if (neighbour.from > until || from > neighbour.until) continue;
      if (offset + bytes <= offsets[other]!) break;
      offset = Math.max(offset, align(offsets[other]! + neighbour.bytes));
    }
    offsets[index] = offset;
    const above = placed.findIndex((other) => offsets[other]! > offset);
    placed.splice(above < 0 ? placed.length : above, 0, index);
    end = Math.max(end, offset + bytes);
  }
  return { offsets, bytes: end };
}

/** The next multiple of a cache line. */
export const align = (address: number): number => roundUp(address, 64);
