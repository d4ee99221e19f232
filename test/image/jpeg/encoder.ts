import { standardTables } from '../../../src/image/jpeg/standard-tables.ts';

/*
 * A small JPEG encoder for tests: it writes whatever combination of sampling, scans, restarts and
 * tables a test asks for, more than any encoder at hand. Written from ITU-T T.81, independently of the decoder's loops.
 */

/** A plane to encode: samples 0 to 255 of any pixel, also beyond the picture. */
export interface PlaneSource {
  readonly id: number;
  /** Sampling factors. */
  readonly h: number;
  readonly v: number;
  readonly sample: (x: number, y: number) => number;
}

export interface ScanScript {
  /** Places in `planes`. */
  readonly components: readonly number[];
  readonly from?: number;
  readonly to?: number;
  readonly high?: number;
  readonly low?: number;
}

export interface EncodeOptions {
  readonly width: number;
  readonly height: number;
  readonly planes: readonly PlaneSource[];
  /** Quantisation step of all frequencies; default 4. */
  readonly step?: number;
  readonly progressive?: boolean;
  /** Default: one scan of everything. */
  readonly scans?: readonly ScanScript[];
  /** Units of a restart interval; default none. */
  readonly restart?: number;
  /** Codes of up to 16 bits for every symbol instead of the standard's tables. */
  readonly longCodes?: boolean;
  /** Whether to write the tables; the standard's hold without. Default true. */
  readonly writeTables?: boolean;
  /** Whole segments to write after the start of image. */
  readonly segments?: readonly Uint8Array[];
}

/** How cameras and web encoders split a progressive picture of three components. */
export const progressiveScript: readonly ScanScript[] = [
  { components: [0, 1, 2], to: 0, low: 1 },
  { components: [0], from: 1, to: 5, low: 2 },
  { components: [2], from: 1, to: 63, low: 1 },
  { components: [1], from: 1, to: 63, low: 1 },
  { components: [0], from: 6, to: 63, low: 2 },
  { components: [0], from: 1, to: 63, high: 2, low: 1 },
  { components: [0, 1, 2], to: 0, high: 1, low: 0 },
  { components: [2], from: 1, to: 63, high: 1, low: 0 },
  { components: [1], from: 1, to: 63, high: 1, low: 0 },
  { components: [0], from: 1, to: 63, high: 1, low: 0 },
];

export function encodeJpeg(options: EncodeOptions): Uint8Array {
  const { width, height, planes, step = 4, progressive = false, restart = 0, longCodes = false } = options;
  const out = new Writer();
  out.raw(0xff, 0xd8);
  for (const segment of options.segments ?? []) out.raw(...segment);
  out.segment(0xdb, [0, ...Array(64).fill(step)]);
  out.segment(progressive ? 0xc2 : 0xc0, [
    8,
    ...word(height),
    ...word(width),
    planes.length,
    ...planes.flatMap(({ id, h, v }) => [id, (h << 4) | v, 0]),
  ]);
  const tables = new Map(
    [...standardTables].map(([place, { counts, symbols }]) => {
      const code = longCodes
        ? longCode(place < 0x10 ? 16 : 256)
        : { counts: [...counts], symbols: [...symbols] };
      if (options.writeTables ?? true) out.segment(0xc4, [place, ...code.counts, ...code.symbols]);
      return [place, codesOf(code)];
    }),
  );
  if (restart > 0) out.segment(0xdd, word(restart));

  const maxH = planes.length === 1 ? planes[0]!.h : Math.max(...planes.map(({ h }) => h));
  const maxV = planes.length === 1 ? planes[0]!.v : Math.max(...planes.map(({ v }) => v));
  const mcuColumns = Math.ceil(width / (8 * maxH));
  const mcuRows = Math.ceil(height / (8 * maxV));
  const coded = planes.map((plane) => {
    const perLine = mcuColumns * plane.h;
    const scale = { x: maxH / plane.h, y: maxV / plane.v };
    const blocks = Array.from({ length: perLine * mcuRows * plane.v }, (_, index) =>
      transform(plane, index % perLine, Math.floor(index / perLine), scale, step),
    );
    return {
      ...plane,
      perLine,
      blocks,
      columns: Math.ceil(Math.ceil((width * plane.h) / maxH) / 8),
      rows: Math.ceil(Math.ceil((height * plane.v) / maxV) / 8),
    };
  });

  for (const script of options.scans ?? [{ components: planes.map((_, index) => index) }]) {
    const from = script.from ?? 0;
    const to = script.to ?? 63;
    const [high, low] = [script.high ?? 0, script.low ?? 0];
    // The first plane uses the luminance tables, the others those of chrominance.
    out.segment(0xda, [
      script.components.length,
      ...script.components.flatMap((index) => [planes[index]!.id, index === 0 ? 0x00 : 0x11]),
      from,
      to,
      (high << 4) | low,
    ]);
    const scan = new ScanWriter(out, tables, { from, to, high, low, progressive });
    const chosen = script.components.map((index) => ({ ...coded[index]!, index }));
    const [only] = chosen;
    const units: { block: Int16Array; index: number }[][] =
      chosen.length === 1
        ? range(only!.rows).flatMap((row) =>
            range(only!.columns).map((column) => [
              { block: only!.blocks[row * only!.perLine + column]!, index: only!.index },
            ]),
          )
        : range(mcuRows).flatMap((row) =>
            range(mcuColumns).map((column) =>
              chosen.flatMap(({ blocks, perLine, h, v, index }) =>
                range(v).flatMap((y) =>
                  range(h).map((x) => ({
                    block: blocks[(row * v + y) * perLine + column * h + x]!,
                    index,
                  })),
                ),
              ),
            ),
          );
    units.forEach((unit, number) => {
      if (restart > 0 && number > 0 && number % restart === 0) scan.restart(number / restart - 1);
      for (const { block, index } of unit) scan.block(block, index);
    });
    scan.finish();
  }
  out.raw(0xff, 0xd9);
  return Uint8Array.from(out.bytes);
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
const word = (value: number): number[] => [value >> 8, value & 255];

/** Coefficients of a block in zigzag order: the forward DCT by its definition (A.3.3), quantised. */
function transform(
  { sample }: PlaneSource,
  column: number,
  row: number,
  scale: { x: number; y: number },
  step: number,
): Int16Array {
  const samples = range(64).map((at) => {
    const [x, y] = [8 * column + (at % 8), 8 * row + (at >> 3)];
    return sample((x + 0.5) * scale.x, (y + 0.5) * scale.y) - 128;
  });
  const block = new Int16Array(64);
  zigzag.forEach(([u, v], k) => {
    let sum = 0;
    for (let at = 0; at < 64; at++) sum += samples[at]! * cosine[u]![at % 8]! * cosine[v]![at >> 3]!;
    block[k] = Math.round(sum / 4 / step);
  });
  return block;
}

const cosine = range(8).map((u) =>
  range(8).map((x) => Math.cos(((2 * x + 1) * u * Math.PI) / 16) * (u === 0 ? Math.SQRT1_2 : 1)),
);

/** Diagonal by diagonal, in alternating directions (figure A.6). */
const zigzag = range(15).flatMap((sum) => {
  const diagonal = range(sum + 1)
    .map((v) => [sum - v, v] as const)
    .filter(([u, v]) => u < 8 && v < 8);
  // Upwards on even diagonals, that is from the left end; down from the right on odd ones.
  return sum % 2 === 0 ? diagonal.toReversed() : diagonal;
});

interface Code {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

/** One code for each length but the shortest and the longest; all other symbols have 16 bits. */
function longCode(symbols: 16 | 256): Code {
  const shorter = symbols === 16 ? 14 : 8;
  const counts: number[] = range(16).map((index) => (index > 0 && index <= shorter ? 1 : 0));
  counts[15] = symbols - shorter;
  return { counts, symbols: range(symbols).map((index) => (index * 167 + 1) % symbols) };
}

function codesOf({ counts, symbols }: Code): Map<number, { code: number; length: number }> {
  const codes = new Map<number, { code: number; length: number }>();
  let code = 0;
  let at = 0;
  counts.forEach((count, index) => {
    for (let left = count; left > 0; left--) codes.set(symbols[at++]!, { code: code++, length: index + 1 });
    code <<= 1;
  });
  return codes;
}

class Writer {
  readonly bytes: number[] = [];

  raw(...bytes: readonly number[]): void {
    for (const byte of bytes) this.bytes.push(byte);
  }

  segment(marker: number, payload: readonly number[]): void {
    this.raw(0xff, marker, ...word(payload.length + 2), ...payload);
  }
}

type Tables = ReadonlyMap<number, ReadonlyMap<number, { code: number; length: number }>>;

interface Band {
  readonly from: number;
  readonly to: number;
  readonly high: number;
  readonly low: number;
  readonly progressive: boolean;
}

class ScanWriter {
  #bits = 0;
  #count = 0;
  #emptyBlocks = 0;
  #pending: number[] = [];
  readonly #predictors = new Map<number, number>();
  #index = 0;

  readonly out: Writer;
  readonly tables: Tables;
  readonly scan: Band;

  constructor(out: Writer, tables: Tables, scan: Band) {
    this.out = out;
    this.tables = tables;
    this.scan = scan;
  }

  block(block: Int16Array, index: number): void {
    this.#index = index;
    const { from, high, low, progressive } = this.scan;
    if (from === 0) {
      if (high > 0) this.#write((block[0]! >> low) & 1, 1);
      else this.#dc(block[0]! >> low);
    }
    if (!progressive) this.#acAll(block);
    else if (from > 0) high > 0 ? this.#acRefinement(block) : this.#acFirst(block);
  }

  restart(number: number): void {
    this.finish();
    this.out.raw(0xff, 0xd0 + (number & 7));
    this.#predictors.clear();
  }

  finish(): void {
    this.#flushEmpty();
    if (this.#count > 0) this.#write((1 << (8 - this.#count)) - 1, 8 - this.#count);
  }

  #dc(value: number): void {
    const difference = value - (this.#predictors.get(this.#index) ?? 0);
    this.#predictors.set(this.#index, value);
    const size = sizeOf(difference);
    this.#symbol(0x00, size);
    this.#value(difference, size);
  }

  #acAll(block: Int16Array): void {
    let run = 0;
    for (let k = 1; k < 64; k++) {
      if (block[k] === 0) {
        run++;
        continue;
      }
      for (; run > 15; run -= 16) this.#symbol(0x10, 0xf0);
      const size = sizeOf(block[k]!);
      this.#symbol(0x10, (run << 4) | size);
      this.#value(block[k]!, size);
      run = 0;
    }
    if (run > 0) this.#symbol(0x10, 0);
  }

  #acFirst(block: Int16Array): void {
    const { from, to, low } = this.scan;
    let run = 0;
    for (let k = from; k <= to; k++) {
      const value = Math.sign(block[k]!) * (Math.abs(block[k]!) >> low);
      if (value === 0) {
        run++;
        continue;
      }
      this.#flushEmpty();
      for (; run > 15; run -= 16) this.#symbol(0x10, 0xf0);
      const size = sizeOf(value);
      this.#symbol(0x10, (run << 4) | size);
      this.#value(value, size);
      run = 0;
    }
    if (run > 0) this.#addEmpty([]);
  }

  #acRefinement(block: Int16Array): void {
    const { from, to, low } = this.scan;
    const magnitude = (k: number) => Math.abs(block[k]!) >> low;
    let lastNew = 0;
    for (let k = from; k <= to; k++) if (magnitude(k) === 1) lastNew = k;
    let run = 0;
    let corrections: number[] = [];
    const writeCorrections = () => {
      for (const bit of corrections) this.#write(bit, 1);
      corrections = [];
    };
    for (let k = from; k <= to; k++) {
      if (magnitude(k) === 0) {
        run++;
        continue;
      }
      while (run > 15 && k <= lastNew) {
        this.#flushEmpty();
        this.#symbol(0x10, 0xf0);
        writeCorrections();
        run -= 16;
      }
      if (magnitude(k) > 1) {
        corrections.push(magnitude(k) & 1);
        continue;
      }
      this.#flushEmpty();
      this.#symbol(0x10, (run << 4) | 1);
      this.#write(block[k]! > 0 ? 1 : 0, 1);
      writeCorrections();
      run = 0;
    }
    if (run > 0 || corrections.length > 0) this.#addEmpty(corrections);
  }

  #addEmpty(corrections: readonly number[]): void {
    this.#emptyBlocks++;
    this.#pending.push(...corrections);
    if (this.#emptyBlocks === 0x7fff) this.#flushEmpty();
  }

  #flushEmpty(): void {
    if (this.#emptyBlocks === 0) return;
    const size = sizeOf(this.#emptyBlocks) - 1;
    this.#symbol(0x10, size << 4);
    this.#write(this.#emptyBlocks & ((1 << size) - 1), size);
    for (const bit of this.#pending) this.#write(bit, 1);
    this.#emptyBlocks = 0;
    this.#pending = [];
  }

  #symbol(kind: number, symbol: number): void {
    const entry = this.tables.get(kind | (this.#index === 0 ? 0 : 1))!.get(symbol);
    if (!entry) throw new RangeError(`the table has no code for symbol ${symbol}`);
    this.#write(entry.code, entry.length);
  }

  #value(value: number, size: number): void {
    this.#write(value < 0 ? value + (1 << size) - 1 : value, size);
  }

  #write(value: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit--) {
      this.#bits = (this.#bits << 1) | ((value >> bit) & 1);
      if (++this.#count < 8) continue;
      this.out.raw(this.#bits);
      if (this.#bits === 0xff) this.out.raw(0);
      this.#bits = 0;
      this.#count = 0;
    }
  }
}

const sizeOf = (value: number): number => 32 - Math.clz32(Math.abs(value));
