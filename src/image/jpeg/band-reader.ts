import { type Band, clearBand } from './band.ts';
import type { JpegFile } from './parse.ts';
import { ScanReader } from './scan-reader.ts';

/**
 * Reads the coefficients of a file, a row of MCUs at a time. The first pass reads all rows in their order; then any
 * part of any row may be read again.
 */
export class BandReader {
  readonly #file: JpegFile;
  readonly #checkpoint: () => void;
  readonly #readers: readonly ScanReader[];
  readonly #coded: DataView[];
  /** Rows that the first pass has read. */
  #known = 0;

  /** @param checkpoint is called for every row, and may throw */
  constructor(file: JpegFile, checkpoint: () => void) {
    this.#file = file;
    this.#checkpoint = checkpoint;
    this.#coded = file.scans.map(({ data }) => data.bits);
    this.#readers = file.scans.map((scan) => new ScanReader(file.frame, scan));
  }

  /** Fills a band with the coefficients of MCUs `firstMcu` to `endMcu - 1` of row `number`, and maybe of some around. */
  read(number: number, firstMcu: number, endMcu: number, band: Band): void {
    this.#checkpoint();
    const { frame } = this.#file;
    if (number === this.#known) {
      clearBand(frame, band, 0, frame.mcuColumns);
      for (const reader of this.#readers) reader.readBand(number, band);
      this.#known++;
    } else {
      clearBand(frame, band, ScanReader.startFor(firstMcu), endMcu);
      for (const reader of this.#readers) reader.readAgain(number, firstMcu, endMcu, band);
    }
  }

  /** Ends all reading. @returns the memory of the coded data, at which nobody looks any more; once */
  close(): DataView[] {
    return this.#coded.splice(0);
  }

  /**
   * The missing shares of the file: of its pixels those that the first scan of their component did not bring, of its
   * detail the coefficients that later scans did not, each counted alike. A scan that leaves out low bits brings
   * half of a coefficient for the first, a quarter for two: each refinement doubles what is known of it.
   */
  get lack(): { readonly missing: number; readonly coarse: number } {
    const { frame, scans, finished } = this.#file;
    // By component and coefficient. A file that ends as it means to lacks no scan.
    const lacking = frame.components.map(() => new Float64Array(64).fill(finished ? 0 : 1));
    let missing = 0;
    for (const [place, { components, from, to, refines, low }] of scans.entries()) {
      const share = this.#readers[place]!.missing;
      if (from === 0 && !refines) missing = Math.max(missing, share);
      const brings = 2 ** -low - (refines ? 2 ** -(low + 1) : 0);
      for (const { index } of components) {
        for (let at = from; at <= to; at++)
          lacking[index]![at]! += finished ? share * brings : (share - 1) * brings;
      }
    }
    let sum = 0;
    for (const shares of lacking) for (const share of shares) sum += Math.max(0, share);
    return { missing, coarse: sum / (64 * lacking.length) };
  }
}
