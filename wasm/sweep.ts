import { type Code, doWhile, type FunctionBuilder, i32, type Local } from './assembler.ts';

/**
 * Goes along a row of `width` pixels in tiles of `tile`. Where the width is no multiple of it the
 * last tile overlaps the one before and computes the same values again: no kernel has a second
 * path for the rest of a row.
 *
 * @param body the code for the tile whose first pixel is in `x`
 */
export function sweep(f: FunctionBuilder, width: Local, tile: number, body: (x: Local) => Code): Code {
  const x = f.i32();
  const last = f.i32();
  const next = i32.add(x.get, i32.const(tile));
  return [
    last.set(i32.sub(width.get, i32.const(tile))),
    x.set(i32.const(-tile)),
    doWhile(
      [x.set(next), x.set(i32.select(x.get, last.get, i32.ltU(x.get, last.get))), body(x)],
      i32.ltU(x.get, last.get),
    ),
  ];
}

/**
 * The widest tile is the fastest on a row that it divides; on others that which computes least
 * twice. `cost` is that of one tile.
 */
export function chooseTile(width: number, widest: number, cost: (tile: number) => number): number {
  let best = 1;
  for (let tile = 1; tile <= Math.min(width, widest); tile++) {
    if (Math.ceil(width / tile) * cost(tile) <= Math.ceil(width / best) * cost(best)) best = tile;
  }
  return best;
}
