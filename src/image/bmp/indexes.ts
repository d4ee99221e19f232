/** Unpacks indexes of 1, 2, 4 or 8 bits, the highest first, from `bytes[from]` on; as many as the row has. */
export function indexesOf(bytes: Uint8Array, from: number, bits: number, row: Uint8Array): void {
  if (bits === 8) {
    row.set(bytes.subarray(from, from + row.length));
    return;
  }
  const mask = (1 << bits) - 1;
  for (let x = 0; x < row.length; x++) {
    const bit = x * bits;
    row[x] = (bytes[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
  }
}
