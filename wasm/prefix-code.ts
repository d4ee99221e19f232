import { countDown, i32, increment, itemAddress, wasmFunction } from './assembler.ts';

/**
 * How often each byte occurs.
 *
 * Parameters: address and number of the bytes, at least 1; address of 256 int32, which are added to.
 */
export const countBytes = wasmFunction(
  'countBytes',
  ['source', 'count', 'counts'],
  (f, { source, count, counts }) => {
    const byte = f.i32();
    const place = f.i32();
    return countDown(count, [
      byte.set(i32.load8U(source.get)),
      place.set(itemAddress(counts, byte, 4)),
      i32.store(place.get, i32.add(i32.load(place.get), i32.const(1))),
      increment(source, 1),
    ]);
  },
);

/**
 * Writes the code of each byte, the lowest bit first. Bits are written 16 at a time, without a branch, which no
 * processor could foresee: those that are not full yet are written again.
 *
 * Parameters: address and number of the bytes, at least 1; address of an int32 for each byte, its code and 2^16
 * times the code's length, at most 15 bits; address of three int32 that are gone on with: bits that
 * are not written yet, their number, below 16, and the address of the result.
 */
export const writeCodes = wasmFunction(
  'writeCodes',
  ['source', 'count', 'table', 'state'],
  (f, { source, count, table, state }) => {
    const [byte, code, bits, pending, target, full] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
    const parts = [bits, pending, target];
    return [
      parts.map((part, index) => part.set(i32.load(state.get, 4 * index))),
      countDown(count, [
        byte.set(i32.load8U(source.get)),
        code.set(i32.load(itemAddress(table, byte, 4))),
        bits.set(i32.or(bits.get, i32.shl(i32.and(code.get, i32.const(0xffff)), pending.get))),
        pending.set(i32.add(pending.get, i32.shrU(code.get, i32.const(16)))),
        i32.store16(target.get, bits.get),
        full.set(i32.and(pending.get, i32.const(16))),
        target.set(i32.add(target.get, i32.shrU(full.get, i32.const(3)))),
        bits.set(i32.shrU(bits.get, full.get)),
        pending.set(i32.sub(pending.get, full.get)),
        increment(source, 1),
      ]),
      parts.map((part, index) => i32.store(state.get, part.get, 4 * index)),
    ];
  },
);
