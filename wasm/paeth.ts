import {
  advance,
  type Code,
  countDown,
  i8x16,
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
    const [left, up, corner, inside] = f.v128s(4) as [Local, Local, Local, Local];
    // How much more one byte is than another: 0 where it is less.
    const [upMore, upLess, leftMore, leftLess] = f.v128s(4) as [Local, Local, Local, Local];
    const [toLeft, toUp, between, farther, nearer] = f.v128s(5) as [Local, Local, Local, Local, Local];
    const [row, above, to, blocksLeft] = [f.i32(), f.i32(), f.i32(), f.i32()];
    /** Bytes and, of a row's first pixel, 0. */
    const leftOf = (address: Local): Code =>
      v128.and(v128.load(i32.sub(address.get, i32.const(pixelBytes))), inside.get);
    const more = (one: Local, other: Local): Code => i8x16.subSatU(one.get, other.get);
    const isZero = (bytes: Code): Code => i8x16.eq(bytes, int8s(0));
    /**
     * Each byte's nearest neighbour. Left + up - above left is as far from the left one as the upper one is from
     * the corner, and the other way round. The corner is nearest where it lies between the two, nearer to the
     * middle than to either.
     */
    const nearest: Code = [
      left.set(leftOf(row)),
      up.set(v128.load(above.get)),
      corner.set(leftOf(above)),
      upMore.set(more(up, corner)),
      upLess.set(more(corner, up)),
      leftMore.set(more(left, corner)),
      leftLess.set(more(corner, left)),
      toLeft.set(v128.or(upMore.get, upLess.get)),
      toUp.set(v128.or(leftMore.get, leftLess.get)),
      // How near the corner is to the nearer one of the two, where it lies between them.
      between.set(v128.or(i8x16.minU(upMore.get, leftLess.get), i8x16.minU(upLess.get, leftMore.get))),
      farther.set(more(toLeft, toUp)),
      nearer.set(v128.or(farther.get, more(toUp, toLeft))),
      v128.bitselect(
        v128.bitselect(left.get, up.get, isZero(farther.get)),
        corner.get,
        isZero(more(between, nearer)),
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
        v128.store(to.get, i8x16.sub(v128.load(row.get), nearest)),
        inside.set(int8s(255)),
        [row, above, to].map((address) => increment(address, blockBytes)),
      ]),
      advance(source, rowBytes),
      advance(target, rowBytes),
      increment(target, 1),
    ]);
  },
);
