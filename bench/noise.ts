import type { Tensor } from '../src/nn/network.ts';

/** Square RGB pictures of noise that no layer can skip, values 0 to 255. */
export function noise(side: number, batch: number): Tensor {
  const data = Float32Array.from({ length: batch * 3 * side * side }, (_, index) => (index * 7919) % 256);
  return { data, shape: [batch, 3, side, side] };
}
