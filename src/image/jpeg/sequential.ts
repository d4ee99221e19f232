import { extend, longEntry, lookupBits } from './huffman.ts';
import type { DecodeUnits } from './units.ts';
import { storedAt } from './zigzag.ts';

/**
 * Blocks with all their coefficients at once: baseline and extended sequential scans (ITU-T T.81, F.2.2).
 */
export const decodeSequential: DecodeUnits = (layout, state, first, end, { coefficients, last }) => {
  const { bits, dcTables, acTables, predictors, starts, steps, blocks } = layout;
  const limit = state.end;
  const shift = 32 - lookupBits;
  let position = state.position;

  for (let unit = first; unit < end; unit++) {
    for (let block = 0; block < blocks; block++) {
      const number = starts[block]! + unit * steps[block]!;
      const base = number << 6;
      if (position >= limit) return unit;

      // 25 bits of what comes next, at least.
      let next = bits.getInt32(position >>> 3) << (position & 7);
      const dc = dcTables[block]!;
      let entry = dc[next >>> shift]!;
      if (entry === 0) {
        entry = longEntry(dc, next >>> 16);
        if (entry === 0) return unit;
      }
      position += entry & 31;
      let size = (entry >> 12) & 15;
      let value = entry >> 16;
      if (size > 0) {
        next = bits.getInt32(position >>> 3) << (position & 7);
        value = extend(next >>> (32 - size), size);
        position += size;
      }
      const predictor = predictors[block]!;
      state.dc[predictor]! += value;
      coefficients[base] = state.dc[predictor]!;

      const ac = acTables[block]!;
      let k = 0;
      while (k < 63) {
        next = bits.getInt32(position >>> 3) << (position & 7);
        entry = ac[next >>> shift]!;
        value = entry >> 16;
        if (value !== 0) {
          position += entry & 31;
          k += (entry >> 5) & 127;
          coefficients[base + storedAt[k]!] = value;
          continue;
        }
        if (entry === 0) {
          entry = longEntry(ac, next >>> 16);
          if (entry === 0) return unit;
        }
        position += entry & 31;
        size = (entry >> 12) & 15;
        const step = (entry >> 5) & 127;
        if (size === 0) {
          if (step !== 16) break;
          k += step;
          continue;
        }
        k += step;
        next = bits.getInt32(position >>> 3) << (position & 7);
        coefficients[base + storedAt[k]!] = extend(next >>> (32 - size), size);
        position += size;
      }
      last[number] = k;
      if (position > limit) return unit;
    }
  }
  state.position = position;
  return end;
};
