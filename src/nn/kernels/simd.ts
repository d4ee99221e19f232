import { assemble, f32x4, i32, v128, wasmFunction } from '../../../wasm/assembler.ts';
import type { SimdLevel } from '../../../wasm/formats.ts';

/** The instructions that the JavaScript engine at hand offers to our kernels. */
export function simdLevel(): SimdLevel {
  const value = v128.load(i32.const(0));
  const body = () => v128.store(i32.const(0), f32x4.relaxedMadd(value, value, value));
  return WebAssembly.validate(assemble([wasmFunction('probe', [], body)])) ? 'relaxed' : 'plain';
}
