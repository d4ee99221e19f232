import { extend, longEntry, lookupBits } from './huffman.ts';
import type { DecodeUnits } from './units.ts';
import { storedAt } from './zigzag.ts';

const shift = 32 - lookupBits;

/** DC coefficients without their lowest bits (ITU-T T.81, G.1.2.1). */
export const decodeDcFirst: DecodeUnits = (layout, state, first, end, { coefficients }) => {
  const { bits, dcTables, predictors, starts, steps, blocks, low } = layout;
  let position = state.position;
  for (let unit = first; unit < end; unit++) {
    for (let block = 0; block < blocks; block++) {
      if (position >= state.end) return unit;
      let next = bits.getInt32(position >>> 3) << (position & 7);
      const table = dcTables[block]!;
      let entry = table[next >>> shift]!;
      if (entry === 0) {
        entry = longEntry(table, next >>> 16);
        if (entry === 0) return unit;
      }
      position += entry & 31;
      const size = (entry >> 12) & 15;
      let value = entry >> 16;
      if (size > 0) {
        next = bits.getInt32(position >>> 3) << (position & 7);
        value = extend(next >>> (32 - size), size);
        position += size;
      }
      const predictor = predictors[block]!;
      state.dc[predictor]! += value;
      coefficients[(starts[block]! + unit * steps[block]!) << 6] = state.dc[predictor]! << low;
    }
    if (position > state.end) return unit;
  }
  state.position = position;
  return end;
};

/** One more bit of every DC coefficient (G.1.2.1). */
export const decodeDcRefinement: DecodeUnits = (layout, state, first, end, { coefficients }) => {
  const { bits, starts, steps, blocks, low } = layout;
  let position = state.position;
  for (let unit = first; unit < end; unit++) {
    for (let block = 0; block < blocks; block++) {
      if (position >= state.end) return unit;
      const bit = (bits.getUint8(position >>> 3) >> (7 - (position & 7))) & 1;
      position++;
      coefficients[(starts[block]! + unit * steps[block]!) << 6]! |= bit << low;
    }
  }
  state.position = position;
  return end;
};

/** A band of AC coefficients without their lowest bits (G.1.2.2). */
export const decodeAcFirst: DecodeUnits = (layout, state, first, end, { coefficients, last, known }) => {
  const { bits, acTables, starts, steps, from, to, low } = layout;
  const table = acTables[0]!;
  let position = state.position;
  let emptyBlocks = state.emptyBlocks;
  for (let unit = first; unit < end; unit++) {
    if (emptyBlocks > 0) {
      const skipped = Math.min(emptyBlocks, end - unit);
      emptyBlocks -= skipped;
      unit += skipped - 1;
      continue;
    }
    if (position >= state.end) return unit;
    const number = starts[0]! + unit * steps[0]!;
    const base = number << 6;
    let k = from - 1;
    while (k < to) {
      let next = bits.getInt32(position >>> 3) << (position & 7);
      let entry = table[next >>> shift]!;
      if (entry === 0) {
        entry = longEntry(table, next >>> 16);
        if (entry === 0) return unit;
      }
      position += entry & 31;
      const step = (entry >> 5) & 127;
      const size = (entry >> 12) & 15;
      let value = entry >> 16;
      if (size > 0) {
        next = bits.getInt32(position >>> 3) << (position & 7);
        value = extend(next >>> (32 - size), size);
        position += size;
      } else if (value === 0) {
        if (step === 16) {
          k += 16;
          continue;
        }
        // The rest of this block and of a number of others is empty.
        const run = step - 1;
        if (run > 0) {
          next = bits.getInt32(position >>> 3) << (position & 7);
          emptyBlocks = (1 << run) + (next >>> (32 - run)) - 1;
          position += run;
        }
        break;
      }
      k += step;
      if (k > 63) return unit;
      coefficients[base + storedAt[k]!] = value << low;
      known[2 * number + (k >> 5)]! |= 1 << k;
    }
    if (k > last[number]!) last[number] = k;
    if (position > state.end) return unit;
  }
  state.position = position;
  state.emptyBlocks = emptyBlocks;
  return end;
};

/**
 * One more bit of a band of AC coefficients (G.1.2.3): new ones of ±1, and between them a bit for
 * each that is known already.
 */
export const decodeAcRefinement: DecodeUnits = (layout, state, first, end, band) => {
  const { bits, acTables, starts, steps, from, to, low } = layout;
  const { coefficients, last, known } = band;
  const table = acTables[0]!;
  let position = state.position;
  let emptyBlocks = state.emptyBlocks;
  for (let unit = first; unit < end; unit++) {
    const number = starts[0]! + unit * steps[0]!;
    const base = number << 6;
    const lower = known[2 * number]!;
    const upper = known[2 * number + 1]!;
    let next = nextKnown(lower, upper, from);
    let k = from;
    if (emptyBlocks === 0) {
      if (position >= state.end) return unit;
      while (k <= to) {
        let ahead = bits.getInt32(position >>> 3) << (position & 7);
        let entry = table[ahead >>> shift]!;
        if (entry === 0) {
          entry = longEntry(table, ahead >>> 16);
          if (entry === 0) return unit;
        }
        position += entry & 31;
        const run = ((entry >> 5) & 127) - 1;
        const size = (entry >> 12) & 15;
        let value = entry >> 16;
        if (size > 0) {
          ahead = bits.getInt32(position >>> 3) << (position & 7);
          value = extend(ahead >>> (32 - size), size);
          position += size;
        } else if (value === 0 && run < 15) {
          emptyBlocks = 1;
          if (run > 0) {
            ahead = bits.getInt32(position >>> 3) << (position & 7);
            emptyBlocks = (1 << run) + (ahead >>> (32 - run));
            position += run;
          }
          break;
        }
        // Over the run of zeros; coefficients that are known do not count, but take a bit each.
        k += run;
        while (next <= k && next <= to) {
          refine(bits, position++, coefficients, base + storedAt[next]!, low);
          next = nextKnown(lower, upper, next + 1);
          k++;
        }
        if (k <= to && value !== 0) {
          coefficients[base + storedAt[k]!] = value << low;
          known[2 * number + (k >> 5)]! |= 1 << k;
          if (k > last[number]!) last[number] = k;
        }
        k++;
      }
    }
    if (emptyBlocks > 0) {
      for (; next <= to; next = nextKnown(lower, upper, next + 1)) {
        refine(bits, position++, coefficients, base + storedAt[next]!, low);
      }
      emptyBlocks--;
    }
    if (position > state.end) return unit;
  }
  state.position = position;
  state.emptyBlocks = emptyBlocks;
  return end;
};

/** Place of the first bit at `k` or after it that is set in a block's two words; 64 where none is. */
function nextKnown(lower: number, upper: number, k: number): number {
  if (k < 32) {
    const rest = lower >>> k;
    if (rest !== 0) return k + trailingZeros(rest);
    return upper !== 0 ? 32 + trailingZeros(upper) : 64;
  }
  const rest = k < 64 ? upper >>> k : 0;
  return rest !== 0 ? k + trailingZeros(rest) : 64;
}

const trailingZeros = (word: number): number => 31 - Math.clz32(word & -word);

/** Gives a coefficient one more bit of its magnitude, if the bit at `position` is set. */
function refine(bits: DataView, position: number, coefficients: Int16Array, at: number, low: number): void {
  if (((bits.getUint8(position >>> 3) >> (7 - (position & 7))) & 1) === 0) return;
  const coefficient = coefficients[at]!;
  if (((Math.abs(coefficient) >> low) & 1) === 0) coefficients[at]! += coefficient > 0 ? 1 << low : -1 << low;
}
