import { assemble, i32, i32x4, v128 } from '../../../wasm/assembler.ts';
import type { SimdLevel } from '../../../wasm/formats.ts';

/**
 * What the engine that runs this can do with our kernels.
 *
 * Whether it has the dot product of four bytes as one instruction shows in the one place where
 * relaxed SIMD leaves the result open: 255 is no 7-bit value. Made of 16-bit halves the sum of two
 * products stops at 32767; x86's instruction (AVX-VNNI) takes 255 for unsigned, ARM's for -1.
 */
export function simdLevel(): SimdLevel {
  const binary = probe();
  if (!WebAssembly.validate(binary)) return 'plain';
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  (exports.probe as () => void)();
  const [sum] = new Int32Array(memory.buffer);
  return sum === 4 * 127 * 255 || sum === -4 * 127 ? 'relaxed-dot' : 'relaxed';
}

function probe(): Uint8Array<ArrayBuffer> {
  const bytes = (value: number) => v128.const(new Uint8Array(16).fill(value));
  const sum = i32x4.relaxedDotI8x16I7x16AddS(bytes(127), v128.load(i32.const(16)), bytes(0));
  const body = () => [v128.store(i32.const(16), bytes(255)), v128.store(i32.const(0), sum)];
  return assemble([{ name: 'probe', parameters: 0, body }]);
}
