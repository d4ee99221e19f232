import { countDown, f64, i32, increment, wasmFunction } from './assembler.ts';

/**
 * Weighs rows of float32 values: writes the largest and the sum of their sizes, two float64 a row.
 *
 * Parameters: addresses of the values and of what is written, values of a row, rows.
 */
export const weighRows = wasmFunction(
  'weighRows',
  ['values', 'results', 'length', 'rows'],
  (f, { values, results, length, rows }) => {
    const left = f.i32();
    const [size, largest, sum] = [f.f64(), f.f64(), f.f64()];
    return countDown(rows, [
      largest.set(f64.const(0)),
      sum.set(f64.const(0)),
      left.set(length.get),
      countDown(left, [
        size.set(f64.abs(f64.loadF32(values.get))),
        largest.set(f64.max(largest.get, size.get)),
        sum.set(f64.add(sum.get, size.get)),
        increment(values, 4),
      ]),
      f64.store(results.get, largest.get),
      f64.store(results.get, sum.get, 8),
      increment(results, 16),
    ]);
  },
);

/**
 * Writes rows of float32 values as 16-bit integers in units of their row, to the nearest, a half up.
 *
 * Parameters: address of the values; of the rows' units and targets, a float64 and an i32 in 16 bytes a
 * row; of the places, how many bytes behind the target each value of a row goes; values of a row, rows.
 */
export const packRows = wasmFunction(
  'packRows',
  ['values', 'targets', 'places', 'length', 'rows'],
  (f, { values, targets, places, length, rows }) => {
    const [left, place] = [f.i32(), f.i32()];
    const inUnits = f64.div(f64.loadF32(values.get), f64.load(targets.get));
    return countDown(rows, [
      left.set(length.get),
      place.set(places.get),
      countDown(left, [
        i32.store16(
          i32.add(i32.load(targets.get, 8), i32.load(place.get)),
          i32.truncSatF64S(f64.floor(f64.add(inUnits, f64.const(0.5)))),
        ),
        increment(values, 4),
        increment(place, 4),
      ]),
      increment(targets, 16),
    ]);
  },
);
