/** Undoes PackBits (TIFF 6.0, section 9). @returns how many bytes of the target were written */
export function unpackBits(source: Uint8Array, target: Uint8Array): number {
  let to = 0;
  for (let at = 0; at < source.length && to < target.length; ) {
    const count = source[at++]!;
    if (count < 128) {
      const literal = source.subarray(at, at + Math.min(count + 1, target.length - to));
      target.set(literal, to);
      to += literal.length;
      at += count + 1;
    } else if (count > 128) {
      if (at === source.length) break;
      const end = Math.min(to + 257 - count, target.length);
      target.fill(source[at++]!, to, end);
      to = end;
    }
  }
  return to;
}
