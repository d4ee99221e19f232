import { assemble } from '../../wasm/assembler.ts';
import { type Instantiated, instantiate } from '../../wasm/instantiate.ts';
import { paethRows } from '../../wasm/paeth.ts';
import { countBytes, writeCodes } from '../../wasm/prefix-code.ts';
import { blendRows, halveRows, squeezeRows, widenBytes } from '../../wasm/resample.ts';
import { warpRows, warpRowsCubic } from '../../wasm/warp.ts';

/** The inner loops over pixels, on one stretch of memory. Addresses are bytes; see `wasm/`. */
export interface PixelKernels extends Pick<Instantiated, 'reserve'> {
  widenBytes(source: number, blocks: number, target: number): void;
  blendRows(
    table: number,
    taps: number,
    rows: number,
    source: number,
    rowBytes: number,
    blocks: number,
    target: number,
  ): void;
  /** By the number of weights, for each of which it is made when it is first needed. */
  squeezeRows(taps: number): SqueezeRows;
  halveRows(
    source: number,
    rowBytes: number,
    rows: number,
    blocks: number,
    target: number,
    targetRowBytes: number,
  ): void;
  paethRows(source: number, target: number, rowBytes: number, rows: number, blocks: number): void;
  countBytes(source: number, count: number, counts: number, sums: number): void;
  writeCodes(source: number, count: number, table: number, state: number): void;
  /** With 1 or 4 bilinear samples a pixel, or with a bicubic one. */
  readonly warpRows: Readonly<Record<1 | 4 | 'cubic', WarpRows>>;
}

export type SqueezeRows = (
  table: number,
  width: number,
  rows: number,
  source: number,
  rowBytes: number,
  target: number,
) => void;

export type WarpRows = (
  table: number,
  starts: number,
  rows: number,
  raster: number,
  rowBytes: number,
  width: number,
  target: number,
) => void;

let kernels: PixelKernels | undefined;

/** The kernels of this thread. What one call leaves in their memory the next may overwrite. */
export function pixelKernels(): PixelKernels {
  kernels ??= createKernels();
  return kernels;
}

function createKernels(): PixelKernels {
  const memory = new WebAssembly.Memory({ initial: 0 });
  const squeezing = new Map<number, SqueezeRows>();
  const warps = { 1: warpRows(1), 4: warpRows(4), cubic: warpRowsCubic };
  const { reserve, find } = instantiate(
    assemble([widenBytes, blendRows, halveRows, paethRows, countBytes, writeCodes, ...Object.values(warps)]),
    memory,
  );
  return {
    reserve,
    widenBytes: find(widenBytes),
    blendRows: find(blendRows),
    squeezeRows(taps) {
      const known = squeezing.get(taps);
      if (known) return known;
      const kernel = squeezeRows(taps);
      const made = instantiate(assemble([kernel]), memory).find<SqueezeRows>(kernel);
      squeezing.set(taps, made);
      return made;
    },
    halveRows: find(halveRows),
    paethRows: find(paethRows),
    countBytes: find(countBytes),
    writeCodes: find(writeCodes),
    warpRows: { 1: find(warps[1]), 4: find(warps[4]), cubic: find(warps.cubic) },
  };
}
