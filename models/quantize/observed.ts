import type { Range } from '../../src/nn/graph.ts';

/** What values a map took. */
export class Observed {
  /** Extremes by channel, 0 among them. */
  readonly channels: { low: number; high: number }[] = [];

  /** Takes a map's values, channel by channel. */
  add(values: Float32Array, [batch, channels]: readonly number[]): void {
    const area = values.length / batch! / channels!;
    for (let plane = 0; plane < batch! * channels!; plane++) {
      const extremes = this.channels[plane % channels!] ?? { low: 0, high: 0 };
      this.channels[plane % channels!] = extremes;
      for (const value of values.subarray(plane * area, (plane + 1) * area)) {
        if (value < extremes.low) extremes.low = value;
        if (value > extremes.high) extremes.high = value;
      }
    }
  }

  get range(): Range {
    return {
      low: Math.min(...this.channels.map(({ low }) => low)),
      high: Math.max(...this.channels.map(({ high }) => high)),
    };
  }
}
