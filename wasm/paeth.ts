import {
  type Code,
  countDown,
  i8x16,
  i16x8,
  increment,
  type Local,
  v128,
  wasmFunction,
} from './assembler.ts';
import { blockBytes } from './resample.ts';

/** Bytes of a pixel, which is as far as the left neighbour lies. */
const pixelBytes = 3;

/**
 * One row of RGB pixels of bytes by PNG's filter `Paeth`: each byte less the one of its neighbours (left,
 * above, above left) that is nearest to left + above - above left. Reads and writes whole blocks.
 *
 * Parameters: addresses of the row and of the one above, each from the pixel before its first on, and of
 * the result; number of blocks, at least 1.
 */
export const paethRow = wasmFunction(
  'paethRow',
  ['row', 'above', 'target', 'blocks'],
  (f, { row, above, target, blocks }) => {
    const [left, up, corner, toLeft, toUp, toCorner] = f.v128s(6) as [
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const neighbours = f.v128s(2);
    /** The nearest neighbours of half a block's bytes, in 16 bits. */
    const nearest = (half: (bytes: Code) => Code): Code => [
      left.set(half(v128.load(row.get))),
      up.set(half(v128.load(above.get, pixelBytes))),
      corner.set(half(v128.load(above.get))),
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
    return countDown(blocks, [
      [i16x8.extendLowI8x16U, i16x8.extendHighI8x16U].map((half, index) =>
        neighbours[index]!.set(nearest(half)),
      ),
      v128.store(
        target.get,
        i8x16.sub(v128.load(row.get, pixelBytes), i8x16.narrowI16x8U(neighbours[0]!.get, neighbours[1]!.get)),
      ),
      [row, above, target].map((address) => increment(address, blockBytes)),
    ]);
  },
);
