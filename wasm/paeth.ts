import {
  advance,
  type Code,
  countDown,
  i8x16,
  i16x8,
  i32,
  increment,
  type Local,
  v128,
  wasmFunction,
} from './assembler.ts';
import { int8s } from './lanes.ts';
import { blockBytes } from './resample.ts';

/** Bytes of a pixel, which is as far as the left neighbour lies. */
const pixelBytes = 3;

/** The name of the filter `Paeth`, which stands before a row. */
const paeth = 4;

/**
 * Rows of RGB pixels of bytes by PNG's filter `Paeth`: each byte less the one of its neighbours (left,
 * above, above left) that is nearest to left + above - above left; what is left of the rows is 0. Reads and
 * writes whole blocks.
 *
 * Parameters: addresses of the first row, behind the row above it, and of the result; bytes of a row;
 * number of rows and of blocks in a row, at least 1.
 */
export const paethRows = wasmFunction(
  'paethRows',
  ['source', 'target', 'rowBytes', 'rows', 'blocks'],
  (f, { source, target, rowBytes, rows, blocks }) => {
    const [left, up, corner, toLeft, toUp, toCorner] = f.v128s(6) as [
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const inside = f.v128();
    const neighbours = f.v128s(2);
    const [row, above, to, blocksLeft] = [f.i32(), f.i32(), f.i32(), f.i32()];
    /** Bytes and, of a row's first pixel, 0. */
    const leftOf = (address: Local): Code =>
      v128.and(v128.load(i32.sub(address.get, i32.const(pixelBytes))), inside.get);
    /** The nearest neighbours of half a block's bytes, in 16 bits. */
    const nearest = (half: (bytes: Code) => Code): Code => [
      left.set(half(leftOf(row))),
      up.set(half(v128.load(above.get))),
      corner.set(half(leftOf(above))),
      toLeft.set(i16x8.sub(up.get, corner.get)),
      toUp.set(i16x8.sub(left.get, corner.get)),
      toCorner.set(i16x8.abs(i16x8.add(toLeft.get, toUp.get))),
      toLeft.set(i16x8.abs(toLeft.get)),
      toUp.set(i16x8.abs(toUp.get)),
      v128.bitselect(
        v128.bitselect(corner.get, up.get, i16x8.gtS(toUp.get, toCorner.get)),
        left.get,
        i16x8.gtS(toLeft.get, i16x8.minS(toUp.get, toCorner.get)),
      ),
    ];
    return countDown(rows, [
      row.set(source.get),
      above.set(i32.sub(source.get, rowBytes.get)),
      i32.store8(target.get, i32.const(paeth)),
      to.set(i32.add(target.get, i32.const(1))),
      inside.set(v128.const(Uint8Array.from({ length: 16 }, (_, byte) => (byte < pixelBytes ? 0 : 255)))),
      blocksLeft.set(blocks.get),
      countDown(blocksLeft, [
        [i16x8.extendLowI8x16U, i16x8.extendHighI8x16U].map((half, index) =>
          neighbours[index]!.set(nearest(half)),
        ),
        v128.store(
          to.get,
          i8x16.sub(v128.load(row.get), i8x16.narrowI16x8U(neighbours[0]!.get, neighbours[1]!.get)),
        ),
        inside.set(int8s(255)),
        [row, above, to].map((address) => increment(address, blockBytes)),
      ]),
      advance(source, rowBytes),
      advance(target, rowBytes),
      increment(target, 1),
    ]);
  },
);
