import {
  type Code,
  countDown,
  i8x16,
  i32,
  i32x4,
  increment,
  v128,
  type WasmFunction,
  wasmFunction,
} from './assembler.ts';
import { int8s, int32s } from './lanes.ts';

/** Bytes that become characters at a time: four groups of three. */
export const encodedTogether = 12;

/**
 * Characters of base64 (RFC 4648, section 4), four of each three bytes.
 *
 * Parameters: address of the bytes, behind which four more are read; number of blocks of
 * {@link encodedTogether} bytes, at least 1; address of the characters, 16 of each block.
 */
export const base64Blocks: WasmFunction = wasmFunction(
  'base64Blocks',
  ['source', 'blocks', 'target'],
  (f, { source, blocks, target }) => {
    const group = f.v128();
    const digits = f.v128();
    /** A digit of each group, of 6 bits, in a byte of its lane. */
    const digit = (shifted: Code, byte: number): Code => v128.and(shifted, int32s(63 << (8 * byte)));
    const right = (bits: number) => i32x4.shrS(group.get, i32.const(bits));
    const left = (bits: number) => i32x4.shl(group.get, i32.const(bits));
    return countDown(blocks, [
      group.set(i8x16.swizzle(v128.load(source.get), v128.const(bigEndian))),
      digits.set(v128.or(digit(right(18), 0), digit(right(4), 1))),
      digits.set(v128.or(digits.get, v128.or(digit(left(10), 2), digit(left(24), 3)))),
      v128.store(target.get, i8x16.add(digits.get, i8x16.swizzle(v128.const(offsets), rangeOf(digits.get)))),
      increment(source, encodedTogether),
      increment(target, 16),
    ]);
  },
);

/** Three bytes as a number of 24 bits, the first in front. */
const bigEndian = Uint8Array.from({ length: 16 }, (_, byte) =>
  byte % 4 === 3 ? 255 : 3 * (byte >> 2) + 2 - (byte % 4),
);

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const firstSmall = 26;
const firstOther = 52;

/** Where {@link offsets} has that of digits: 0 for small letters, 1 to 12 for figures and signs, 13 for capitals. */
const rangeOf = (digits: Code): Code =>
  v128.or(
    i8x16.subSatU(digits, int8s(firstOther - 1)),
    v128.and(i8x16.ltS(digits, int8s(firstSmall)), int8s(13)),
  );

/** From a digit to its character, by {@link rangeOf}. */
const offsets = Uint8Array.from({ length: 16 }, (_, range) => {
  const digit = range === 0 ? firstSmall : range < 13 ? firstOther - 1 + range : 0;
  return alphabet.charCodeAt(digit) - digit;
});
