import { type Band, firstBlocks } from './band.ts';
import type { Frame } from './frame.ts';
import type { HuffmanTable } from './huffman.ts';
import type { Scan } from './parse.ts';
import { decodeAcFirst, decodeAcRefinement, decodeDcFirst, decodeDcRefinement } from './progressive.ts';
import { decodeSequential } from './sequential.ts';
import type { DecodeUnits, ScanState, UnitLayout } from './units.ts';

/** MCUs between two places at which decoding can be taken up again. */
const stretch = 16;

/** Position, empty blocks and four DC values. */
const savedNumbers = 6;

const noTable: HuffmanTable = new Int32Array(0);

/**
 * Decodes one scan, a band of the picture at a time. The first pass goes through all bands in
 * order and notes where decoding stands every few MCUs; from then on any band can be decoded again,
 * from near where it is wanted. Memory: 24 bytes for every 16 MCUs.
 */
export class ScanReader {
  readonly #scan: Scan;
  readonly #decode: DecodeUnits;
  readonly #layout: UnitLayout;
  /** Rows of units in the picture and in a band, units in a row, and those that an MCU is wide. */
  readonly #rows: number;
  readonly #rowsPerBand: number;
  readonly #columns: number;
  readonly #unitsPerMcu: number;
  /** Blocks from a row of units to the next, within a band. */
  readonly #blocksPerRow: number;
  readonly #firstBlocks: Int32Array;
  readonly #stretchesPerRow: number;
  readonly #saved: Int32Array;
  readonly #state: ScanState = { position: 0, end: 0, emptyBlocks: 0, dc: new Int32Array(4) };
  /** Units that the first pass did not find. */
  #missing = 0;

  constructor(frame: Frame, scan: Scan) {
    this.#scan = scan;
    const { components, from, refines } = scan;
    if (!frame.progressive) this.#decode = decodeSequential;
    else if (from === 0) this.#decode = refines ? decodeDcRefinement : decodeDcFirst;
    else this.#decode = refines ? decodeAcRefinement : decodeAcFirst;

    const firsts = firstBlocks(frame);
    const alone = components.length === 1;
    const [{ component }] = components as [Scan['components'][number]];
    // A scan of one component is plain rows of blocks (A.2.2), else the unit is the MCU (A.2.3).
    this.#rows = alone ? component.blockRows : frame.mcuRows;
    this.#rowsPerBand = alone ? component.vertical : 1;
    this.#columns = alone ? component.blockColumns : frame.mcuColumns;
    this.#unitsPerMcu = alone ? component.horizontal : 1;
    this.#blocksPerRow = alone ? component.blocksPerLine : 0;
    const blocks = components.flatMap(({ component, index, dc, ac }, predictor) => {
      const { horizontal, vertical, blocksPerLine } = component;
      return Array.from({ length: alone ? 1 : horizontal * vertical }, (_, block) => ({
        start: firsts[index]! + Math.floor(block / horizontal) * blocksPerLine + (block % horizontal),
        step: alone ? 1 : horizontal,
        predictor,
        dc: dc ?? noTable,
        ac: ac ?? noTable,
      }));
    });
    this.#firstBlocks = Int32Array.from(blocks, ({ start }) => start);
    this.#layout = {
      bits: scan.data.bits,
      blocks: blocks.length,
      starts: this.#firstBlocks.slice(),
      steps: Int32Array.from(blocks, ({ step }) => step),
      predictors: Uint8Array.from(blocks, ({ predictor }) => predictor),
      dcTables: blocks.map(({ dc }) => dc),
      acTables: blocks.map(({ ac }) => ac),
      from: scan.from,
      to: scan.to,
      low: scan.low,
    };
    this.#stretchesPerRow = Math.ceil(frame.mcuColumns / stretch);
    this.#saved = new Int32Array(this.#rows * this.#stretchesPerRow * savedNumbers);
    this.#startInterval(0);
  }

  /** The MCU from which {@link readAgain} decodes. */
  static startFor(firstMcu: number): number {
    return firstMcu - (firstMcu % stretch);
  }

  /** Share of the scan that the first pass found to be missing or damaged, 0 to 1. */
  get missing(): number {
    return this.#missing / (this.#rows * this.#columns);
  }

  /** The first pass: adds this scan's part to band number `number`, which follows the one before. */
  readBand(number: number, band: Band): void {
    const length = stretch * this.#unitsPerMcu;
    const endRow = this.#endRow(number);
    for (let row = number * this.#rowsPerBand; row < endRow; row++) {
      for (let index = 0; index < this.#stretchesPerRow; index++) {
        this.#save(row * this.#stretchesPerRow + index);
        const end = Math.min((index + 1) * length, this.#columns);
        this.#missing += this.#decodeUnits(row, index * length, end, band);
      }
    }
  }

  /** Adds this scan's part to MCUs `firstMcu` to `endMcu - 1` of a band, and possibly to more around them. */
  readAgain(number: number, firstMcu: number, endMcu: number, band: Band): void {
    const firstStretch = Math.floor(firstMcu / stretch);
    const endUnit = Math.min(endMcu * this.#unitsPerMcu, this.#columns);
    const endRow = this.#endRow(number);
    for (let row = number * this.#rowsPerBand; row < endRow; row++) {
      this.#restore(row, firstStretch);
      this.#decodeUnits(row, firstStretch * stretch * this.#unitsPerMcu, endUnit, band);
    }
  }

  /** The row of units after a band's last one. */
  #endRow(band: number): number {
    return Math.min((band + 1) * this.#rowsPerBand, this.#rows);
  }

  /** Decodes units of a row, over restarts. Returns how many could not be decoded. */
  #decodeUnits(row: number, first: number, end: number, band: Band): number {
    const { interval } = this.#scan;
    const layout = this.#layout;
    for (let block = 0; block < layout.blocks; block++) {
      layout.starts[block] = this.#firstBlocks[block]! + (row % this.#rowsPerBand) * this.#blocksPerRow;
    }
    let missing = 0;
    for (let unit = first; unit < end; ) {
      const inScan = row * this.#columns + unit;
      let stop = end;
      if (interval > 0) {
        if (inScan % interval === 0) this.#startInterval(inScan / interval);
        stop = Math.min(end, unit + interval - (inScan % interval));
      }
      const reached = this.#decode(layout, this.#state, unit, stop, band);
      if (reached < stop) {
        // What follows is only found again at the next restart.
        missing += stop - reached;
        this.#state.position = this.#state.end;
        this.#state.emptyBlocks = 0;
      }
      unit = stop;
    }
    return missing;
  }

  #startInterval(number: number): void {
    const { ends } = this.#scan.data;
    const state = this.#state;
    // A file may have fewer intervals than the picture: the others are empty.
    state.end = ends[number] ?? ends.at(-1)!;
    state.position = number === 0 ? 0 : (ends[number - 1] ?? state.end);
    state.emptyBlocks = 0;
    state.dc.fill(0);
  }

  #save(place: number): void {
    const { position, emptyBlocks, dc } = this.#state;
    const at = place * savedNumbers;
    this.#saved[at] = position;
    this.#saved[at + 1] = emptyBlocks;
    for (let index = 0; index < dc.length; index++) this.#saved[at + 2 + index] = dc[index]!;
  }

  #restore(row: number, index: number): void {
    const { interval } = this.#scan;
    const inScan = row * this.#columns + index * stretch * this.#unitsPerMcu;
    if (interval > 0) this.#startInterval(Math.floor(inScan / interval));
    const at = (row * this.#stretchesPerRow + index) * savedNumbers;
    this.#state.position = this.#saved[at]!;
    this.#state.emptyBlocks = this.#saved[at + 1]!;
    this.#state.dc.set(this.#saved.subarray(at + 2, at + savedNumbers));
  }
}
