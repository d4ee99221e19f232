import type { PlaneSource } from './encoder.ts';

type Factors = readonly [number, number];

/** Planes with slopes, waves and edges, different in each; reproducible. */
export function testPlanes(factors: readonly Factors[], ids = [1, 2, 3, 4]): PlaneSource[] {
  return factors.map(([h, v], plane) => ({
    id: ids[plane]!,
    h,
    v,
    sample: (x, y) => {
      const wave = 60 * Math.sin((x + 7 * plane) / (5 + 3 * plane)) * Math.cos(y / (9 - plane));
      const edge = (Math.floor(x / 13) + Math.floor(y / 11)) % 3 === plane % 3 ? 25 : -15;
      return 128 + wave * (plane === 0 ? 1 : 0.6) + edge + 20 * Math.sin((x - y) / 150);
    },
  }));
}

/** Planes in which nothing is lost by subsampling, nor by the limits of RGB. */
export function smoothPlanes(factors: readonly Factors[]): PlaneSource[] {
  return testPlanes(factors).map((plane, index) => ({
    ...plane,
    sample: (x, y) => 128 + (index === 0 ? 60 : 25) * Math.sin((x + y / 2) / (20 + 9 * index)),
  }));
}
