/** The range of the values that a map took. */
export class Observed {
  /** Extremes, 0 among them. */
  low = 0;
  high = 0;

  add(values: Float32Array): void {
    for (const value of values) {
      if (value < this.low) this.low = value;
      if (value > this.high) this.high = value;
    }
  }
}
