/** An image that is written from its top to its bottom. */
export interface ImageRows {
  /** Red values of a row, as many green and blue ones. Those of the row before stay until they are overwritten. */
  readonly row: Float32Array;
  /** Makes what `row` holds the image's next row. */
  readonly next: () => void;
}

/** The three colours of a row: views of it. */
export const coloursOf = (row: Float32Array): Float32Array[] =>
  [0, 1, 2].map((colour) => row.subarray((colour * row.length) / 3, ((colour + 1) * row.length) / 3));

/** Rows that become the planes of an image: red, green and blue, one after the other. */
export function planarRows(planes: Float32Array, width: number): ImageRows {
  const row = new Float32Array(3 * width);
  const colours = coloursOf(row);
  let to = 0;
  return {
    row,
    next() {
      colours.forEach((values, colour) => {
        planes.set(values, (colour * planes.length) / 3 + to);
      });
      to += width;
    },
  };
}
