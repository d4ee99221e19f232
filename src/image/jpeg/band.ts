import type { Frame } from './frame.ts';

/** The coefficients of one row of MCUs: all that is ever held of a picture's coefficients. */
export interface Band {
  /** 64 for each block; component after component, row of blocks after row. See {@link storedAt}. */
  readonly coefficients: Int16Array;
  /** For each block the place in zigzag order of its last coefficient that may be other than 0. */
  readonly last: Uint8Array;
  /**
   * In progressive pictures, for each block two words of a bit for every coefficient in zigzag order:
   * whether it is other than 0. Refinements go from one of these to the next.
   */
  readonly known: Int32Array;
}

/** Number of the first block of each component in a band, and behind them the number of all. */
export function firstBlocks({ components }: Frame): number[] {
  const firsts = [0];
  for (const { blocksPerLine, vertical } of components)
    firsts.push(firsts.at(-1)! + blocksPerLine * vertical);
  return firsts;
}

/** Empties the blocks of MCUs `firstMcu` to `endMcu - 1`. */
export function clearBand(frame: Frame, band: Band, firstMcu: number, endMcu: number): void {
  const firsts = firstBlocks(frame);
  frame.components.forEach(({ horizontal, vertical, blocksPerLine }, index) => {
    for (let row = 0; row < vertical; row++) {
      const line = firsts[index]! + row * blocksPerLine;
      const [first, end] = [line + firstMcu * horizontal, line + endMcu * horizontal];
      band.coefficients.fill(0, 64 * first, 64 * end);
      band.last.fill(0, first, end);
      band.known.fill(0, 2 * first, 2 * end);
    }
  });
}
