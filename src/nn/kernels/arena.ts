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
  const offsets: number[] = [];
  const order = blocks.map((_, index) => index).sort((a, b) => blocks[b]!.bytes - blocks[a]!.bytes);
  let bytes = 0;
  for (const index of order) {
    const block = blocks[index]!;
    const neighbours = order
      .filter((other) => {
        const { from, until } = blocks[other]!;
        return offsets[other] !== undefined && from <= block.until && block.from <= until;
      })
      .sort((a, b) => offsets[a]! - offsets[b]!);
    let offset = 0;
    for (const other of neighbours) {
      if (offset + block.bytes <= offsets[other]!) break;
      offset = Math.max(offset, align(offsets[other]! + blocks[other]!.bytes));
    }
    offsets[index] = offset;
    bytes = Math.max(bytes, offset + block.bytes);
  }
  return { offsets, bytes };
}

/** The next multiple of a cache line. */
export const align = (address: number): number => roundUp(address, 64);
