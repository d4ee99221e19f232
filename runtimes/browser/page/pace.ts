/** Milliseconds over which the pace is counted. */
const span = 2_000;

/** Each a second. */
export interface Rates {
  /** Faces found. */
  readonly faces: number;
  /** Frames looked at. */
  readonly looks: number;
  /** Frames that the camera has shown. */
  readonly frames: number;
}

/** The rate at which frames of a camera are looked at. */
export class Pace {
  #looks: { readonly at: number; readonly faces: number; readonly frame: number }[] = [];

  /**
   * Counts an answer, and tells the pace of the last seconds; undefined after the first answer.
   *
   * @param frame the number of the frame that was answered
   * @param at when it was taken, in milliseconds
   */
  count(faces: number, frame: number, at: number): Rates | undefined {
    this.#looks.push({ at, faces, frame });
    this.#looks = this.#looks.filter((look) => at - look.at <= span);
    // The first of them began the time that is counted.
    const later = this.#looks.slice(1);
    const first = this.#looks[0]!;
    const seconds = (at - first.at) / 1_000;
    if (seconds === 0) return undefined;
    return {
      faces: later.reduce((sum, look) => sum + look.faces, 0) / seconds,
      looks: later.length / seconds,
      frames: (frame - first.frame) / seconds,
    };
  }
}
