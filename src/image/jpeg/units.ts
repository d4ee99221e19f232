import type { Band } from './band.ts';
import type { HuffmanTable } from './huffman.ts';

/** The layout of a scan's units, the same for every stretch of its loop. */
export interface UnitLayout {
  readonly bits: DataView;
  /** Blocks of a unit: those of an MCU, or one. What follows has an entry for each. */
  readonly blocks: number;
  /** Number of the block in unit 0 of the row; changes from row to row. */
  readonly starts: Int32Array;
  /** Blocks from a unit to the next. */
  readonly steps: Int32Array;
  /** Which of the scan's DC predictors. */
  readonly predictors: Uint8Array;
  readonly dcTables: readonly HuffmanTable[];
  readonly acTables: readonly HuffmanTable[];
  /** First and last coefficient in zigzag order, and the bits that later scans add. */
  readonly from: number;
  readonly to: number;
  readonly low: number;
}

/** Where a scan's decoding stands. */
export interface ScanState {
  /** Bits used up. */
  position: number;
  /** Where the restart interval ends, in bits. */
  end: number;
  /** Blocks still to come that have nothing in this band of coefficients. */
  emptyBlocks: number;
  /** DC values of the blocks before, one for each component. */
  readonly dc: Int32Array;
}

/**
 * Decodes a row's units `first` to `end - 1`, which lie in one restart interval. Each kind looks codes up in a loop of
 * its own: a function would have two things to hand back for each, a value and the place behind it.
 *
 * @param band empty, or what earlier scans made of it
 * @returns `end`, or the unit at which the data stopped making sense or was used up
 */
export type DecodeUnits = (
  layout: UnitLayout,
  state: ScanState,
  first: number,
  end: number,
  band: Band,
) => number;
