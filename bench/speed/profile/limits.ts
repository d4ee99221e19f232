import { simdLevel } from '../../../src/nn/kernels/simd.ts';
import {
  assemble,
  i32,
  increment,
  repeat,
  v128,
  type WasmFunction,
  wasmFunction,
} from '../../../wasm/assembler.ts';
import { type Format, instructions } from '../../../wasm/formats.ts';

/** The best rates of one core in WebAssembly, in multiply-accumulates a second, by number format. */
export type PeakRates = Readonly<Record<Format['name'], number>>;

const tileRows = 4;
const tileVectors = 2;

/** Words along the inner dimension: both operands (9 kB) stay in the first-level cache. */
const words = 192;
const passes = 2_000;

/** A run of each kernel is repeated for so many milliseconds; the fastest counts. */
const patience = 400;

/**
 * Measures matrix products that live in the first-level cache and the registers: what no
 * convolution in the same number format can exceed. With fused multiply-add where the engine has it.
 */
export async function measureLimits(): Promise<PeakRates> {
  const { f32, i16 } = instructions(simdLevel());
  return { f32: await measure(f32), i16: await measure(i16) };
}

async function measure(format: Format): Promise<number> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(moduleOf(format), { env: { memory } });
  const run = instance.exports.product as () => void;
  let fastest = Number.POSITIVE_INFINITY;
  for (const end = performance.now() + patience; performance.now() < end; ) {
    const start = performance.now();
    run();
    fastest = Math.min(fastest, performance.now() - start);
  }
  const products = passes * words * format.group * tileRows * tileVectors * 4;
  return (1_000 * products) / fastest;
}

function moduleOf(format: Format): Uint8Array<ArrayBuffer> {
  return assemble([product(format)]);
}

/** A tile of 4 rows × 8 columns of a product, again and again. */
function product(format: Format): WasmFunction {
  const weightBytes = words * tileVectors * 16;
  return wasmFunction('product', [], (f) => {
    const weight = f.i32();
    const values = f.i32();
    const sums = Array.from({ length: tileRows }, () => f.v128s(tileVectors));
    const weights = f.v128s(tileVectors);
    const value = f.v128();
    return [
      repeat(f, passes, [
        weight.set(i32.const(0)),
        values.set(i32.const(weightBytes)),
        repeat(f, words, [
          weights.map((vector, v) => vector.set(v128.load(weight.get, v * 16))),
          sums.map((row, index) => [
            value.set(v128.load32Splat(values.get, 4 * index * words)),
            row.map((sum, v) => sum.set(format.accumulate(sum.get, weights[v]!.get, value.get))),
          ]),
          increment(weight, tileVectors * 16),
          increment(values, 4),
        ]),
      ]),
      // So that nothing is left out as unused.
      sums.flat().map((sum, index) => v128.store(i32.const(0), sum.get, 16 * index)),
    ];
  });
}
