/**
 * Where a block keeps the coefficient that comes k-th in the file (ITU-T T.81, figure A.6). Blocks are
 * stored by columns: coefficient of horizontal frequency u and vertical frequency v at 8·u + v. The
 * inverse DCT works on rows first and so finds its eight inputs as neighbouring vectors.
 *
 * 128 places: damaged data may count beyond the last coefficient, and overwrites it then.
 */
export const storedAt = Uint8Array.from({ length: 128 }, (_, k) => {
  let [u, v] = [0, 0];
  for (let step = 0; step < Math.min(k, 63); step++) {
    const upwards = (u + v) % 2 === 0;
    if (upwards ? u === 7 : v === 7) upwards ? v++ : u++;
    else if (upwards ? v === 0 : u === 0) upwards ? u++ : v++;
    else {
      u += upwards ? 1 : -1;
      v += upwards ? -1 : 1;
    }
  }
  return 8 * u + v;
});
