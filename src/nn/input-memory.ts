/** The memory of the last input: as large as the largest so far, a few megabytes. */
let spare: Float32Array | undefined;

/**
 * Memory for a network's input, for as long as its pass takes: large arrays that are made anew for every
 * pass cost a tenth of a scan, in pages that the system gives and the collector takes back.
 *
 * @param length values, which are those of an earlier input
 */
export async function withInput<Result>(
  length: number,
  use: (data: Float32Array) => Promise<Result>,
): Promise<Result> {
  const memory = spare && spare.length >= length ? spare : new Float32Array(length);
  // Whoever comes meanwhile takes memory of its own.
  spare = undefined;
  try {
    return await use(memory.subarray(0, length));
  } finally {
    spare = memory;
  }
}
