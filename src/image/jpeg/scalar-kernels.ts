import {
  factors,
  firstBias,
  firstShift,
  lastOfLowBlock,
  type Samples,
  secondBias,
  secondShift,
} from '../../../wasm/inverse-dct.ts';
import type { InverseDct, Kernels } from './kernels.ts';

/** The kernels in plain TypeScript: the same arithmetic, value by value. */
export function createScalarKernels(): Kernels {
  let bytes = new Uint8ClampedArray(0);
  let words = new Int16Array(0);

  function inverseDct(width: Samples, height: Samples): InverseDct {
    const [horizontal, vertical] = [factorsOf(width), factorsOf(height)];
    // One value for each vertical frequency and column.
    const between = new Int32Array(8 * width);
    return (coefficients, last, steps, samples, stride, count) => {
      for (let block = 0; block < count; block++) {
        const first = coefficients / 2 + 64 * block;
        const target = samples + width * block;
        const furthest = bytes[last + block]!;
        if (furthest === 0 || width * height === 1) {
          const dc = ((words[first]! * words[steps / 2]!) << 16) >> 16;
          const sample = ((dc + 4) >> 3) + 128;
          for (let y = 0; y < height; y++) {
            bytes.fill(sample, target + y * stride, target + y * stride + width);
          }
          continue;
        }
        const used = furthest > lastOfLowBlock ? 8 : 4;
        for (let v = 0; v < used; v++) {
          for (let x = 0; x < width; x++) {
            let sum = firstBias;
            for (let u = 0; u < used; u++) {
              const value = words[first + 8 * u + v]!;
              if (value !== 0)
                sum += horizontal[8 * x + u]! * (((value * words[steps / 2 + 8 * u + v]!) << 16) >> 16);
            }
            between[width * v + x] = saturate(sum >> firstShift);
          }
        }
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let sum = secondBias;
            for (let v = 0; v < used; v++) sum += vertical[8 * y + v]! * between[width * v + x]!;
            bytes[target + y * stride + x] = sum >> secondShift;
          }
        }
      }
    };
  }

  return {
    reserve(size) {
      if (bytes.length < size) {
        bytes = new Uint8ClampedArray(2 * Math.ceil(size / 2));
        words = new Int16Array(bytes.buffer);
      }
      return bytes.buffer as ArrayBuffer;
    },
    inverseDct,
    doubleWidth(source, target, count) {
      for (let i = 0; i < count; i++) {
        const here = 3 * bytes[source + i]!;
        bytes[target + 2 * i] = (here + bytes[source + i - 1]! + 1) >> 2;
        bytes[target + 2 * i + 1] = (here + bytes[source + i + 1]! + 2) >> 2;
      }
    },
    doubleHeight(near, far, target, count, bias) {
      for (let i = 0; i < count; i++)
        bytes[target + i] = (3 * bytes[near + i]! + bytes[far + i]! + bias) >> 2;
    },
    doubleBoth(near, far, target, count) {
      const sumAt = (i: number) => 3 * bytes[near + i]! + bytes[far + i]!;
      for (let i = 0; i < count; i++) {
        const here = 3 * sumAt(i);
        bytes[target + 2 * i] = (here + sumAt(i - 1) + 8) >> 4;
        bytes[target + 2 * i + 1] = (here + sumAt(i + 1) + 7) >> 4;
      }
    },
    yccToRgb(y, cb, cr, target, count) {
      for (let i = 0, to = target; i < count; i++, to += 3) {
        const luminance = bytes[y + i]!;
        const blue = bytes[cb + i]! - 128;
        const red = bytes[cr + i]! - 128;
        // JFIF's equations with 16 fraction bits.
        bytes[to] = luminance + ((91881 * red + 32768) >> 16);
        bytes[to + 1] = luminance + ((-22554 * blue - 46802 * red + 32768) >> 16);
        bytes[to + 2] = luminance + ((116130 * blue + 32768) >> 16);
      }
    },
  };
}

const factorsOf = (samples: Samples): Int32Array => Int32Array.from(factors(samples).flat());

const saturate = (value: number): number => Math.min(Math.max(value, -32768), 32767);
