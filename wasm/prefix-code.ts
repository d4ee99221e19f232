import {
  type Code,
  countDown,
  type FunctionBuilder,
  i32,
  i64,
  ifElse,
  increment,
  itemAddress,
  type Local,
  wasmFunction,
} from './assembler.ts';

/** Bytes that {@link countBytes} takes at a time, each of which has counts of its own. */
export const countedTogether = 4;

/** Largest prime below 2^16 (RFC 1950, section 8.2). */
const modulus = 65_521;

/** Bytes after which {@link countBytes} may overflow. */
export const mostCounted = 5_552;

/**
 * How often each byte occurs, and the sums of Adler-32. Bytes that follow each other are often alike: they
 * would wait for each other's count.
 *
 * Parameters: address and number of the bytes, at most {@link mostCounted}; address of
 * {@link countedTogether} times 256 int32, which are added to; address of two int32 that are gone
 * on with, the sum of the bytes and the sum of those sums.
 */
export const countBytes = wasmFunction(
  'countBytes',
  ['source', 'count', 'counts', 'sums'],
  (f, { source, count, counts, sums }) => {
    const [byte, place, low, high] = [f.i32(), f.i32(), f.i32(), f.i32()];
    const both = [low, high];
    return [
      both.map((sum, index) => sum.set(i32.load(sums.get, 4 * index))),
      inGroups(f, count, countedTogether, (offsets) => [
        offsets.map((offset) => [
          byte.set(i32.load8U(source.get, offset)),
          place.set(itemAddress(counts, byte, 4)),
          i32.store(place.get, i32.add(i32.load(place.get, 1024 * offset), i32.const(1)), 1024 * offset),
          low.set(i32.add(low.get, byte.get)),
          high.set(i32.add(high.get, low.get)),
        ]),
        increment(source, offsets.length),
      ]),
      both.map((sum, index) => i32.store(sums.get, i32.remU(sum.get, i32.const(modulus)), 4 * index)),
    ];
  },
);

/** Codes of at most 15 bits that fit into 64 bits, with the rest of a byte before them and the last one's length. */
const writtenTogether = 3;

/**
 * Writes the code of each byte, the lowest bit first.
 *
 * Parameters: address and number of the bytes; address of an int64 for each byte, its code of at most 15 bits
 * at the upper end and the code's length at the lower one; address of two int32 that are gone on with: the
 * number of bits that the result's last byte has, below 8, and that byte's address, behind which eight are
 * overwritten.
 */
export const writeCodes = wasmFunction(
  'writeCodes',
  ['source', 'count', 'table', 'state'],
  (f, { source, count, table, state }) => {
    const [byte, pending, target] = [f.i32(), f.i32(), f.i32()];
    // At the upper end are the last bits, below them what was written already, and lengths, which shifts and
    // sums take for what they are: a shift goes by the last six bits of a number.
    const [bits, group, code, length] = [f.i64(), f.i64(), f.i64(), f.i64()];
    const above = i64.extendI32U(i32.sub(i32.const(0), pending.get));
    return [
      pending.set(i32.load(state.get)),
      target.set(i32.load(state.get, 4)),
      bits.set(i64.shl(i64.extendI32U(i32.load8U(target.get)), above)),
      inGroups(f, count, writtenTogether, (offsets) => [
        offsets.map((offset) => [
          byte.set(i32.load8U(source.get, offset)),
          code.set(i64.load(itemAddress(table, byte, 8))),
          offset === 0
            ? [group.set(code.get), length.set(code.get)]
            : [
                group.set(i64.or(i64.shrU(group.get, code.get), code.get)),
                length.set(i64.add(length.get, code.get)),
              ],
        ]),
        bits.set(i64.or(i64.shrU(bits.get, length.get), group.get)),
        pending.set(i32.add(pending.get, i64.wrap(length.get))),
        i64.store(target.get, i64.shrU(bits.get, above)),
        target.set(i32.add(target.get, i32.shrU(pending.get, i32.const(3)))),
        pending.set(i32.and(pending.get, i32.const(7))),
        increment(source, offsets.length),
      ]),
      i32.store(state.get, pending.get),
      i32.store(state.get, target.get, 4),
    ];
  },
);

/** Goes through `count` bytes, so many at a time, at these distances, and then one by one. */
function inGroups(
  f: FunctionBuilder,
  count: Local,
  together: number,
  body: (offsets: readonly number[]) => Code,
): Code {
  const left = f.i32();
  return [
    { times: i32.divU(count.get, i32.const(together)), offsets: [...Array(together).keys()] },
    { times: i32.remU(count.get, i32.const(together)), offsets: [0] },
  ].map(({ times, offsets }) => [left.set(times), ifElse(left.get, countDown(left, body(offsets)), [])]);
}
