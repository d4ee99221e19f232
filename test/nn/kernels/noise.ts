/** Values between -1 and 1 that repeat late. */
export const noise = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, index) => Math.sin(1 + seed + index * index * 0.37));
