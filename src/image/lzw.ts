/** The form of a format's codes. */
export interface LzwOptions {
  /** Bits of a literal: 2 to 8. */
  readonly literalBits: number;
  /** True: a byte's highest bits come first. */
  readonly highestFirst: boolean;
  /** Codes by which the width grows earlier than it must: 1 in TIFF, whose first writers did so. */
  readonly early: 0 | 1;
}

const longestCode = 12;
const codes = 1 << longestCode;

/** Codes from one checkpoint to the next. */
const stretch = 1 << 16;

/**
 * Decodes LZW as GIF and TIFF have it, up to its end, the data's or the target's. Memory: 16 kB.
 *
 * @returns how many bytes of the target were written
 */
export function decodeLzw(
  source: Uint8Array,
  target: Uint8Array,
  { literalBits, highestFirst, early }: LzwOptions,
  checkpoint: () => void,
): number {
  const clear = 1 << literalBits;
  const end = clear + 1;
  /** Of each code the one that it prolongs, its last byte, and its length. */
  const prefixes = new Uint16Array(codes);
  const suffixes = new Uint8Array(codes);
  const lengths = new Uint16Array(codes);
  for (let code = 0; code < clear; code++) {
    suffixes[code] = code;
    lengths[code] = 1;
  }
  let width = literalBits + 1;
  let next = end + 1;
  let previous = -1;
  let bits = 0;
  let count = 0;
  let at = 0;
  let to = 0;
  for (let number = 1; to < target.length; number++) {
    if (number % stretch === 0) checkpoint();
    while (count < width) {
      if (at === source.length) return to;
      bits = highestFirst ? ((bits << 8) | source[at++]!) & 0xffffff : bits | (source[at++]! << count);
      count += 8;
    }
    const code = highestFirst ? (bits >> (count - width)) & ((1 << width) - 1) : bits & ((1 << width) - 1);
    if (!highestFirst) bits >>>= width;
    count -= width;

    if (code === end) return to;
    if (code === clear) {
      width = literalBits + 1;
      next = end + 1;
      previous = -1;
      continue;
    }
    // A code may be the one that is about to be made; any further one is nonsense.
    if (code > next || (code === next && previous < 0) || (previous < 0 && code >= clear)) return to;
    const isNew = code === next;
    const known = isNew ? previous : code;
    const length = lengths[known]!;
    const stop = to + length;
    let first = known;
    for (let place = stop - 1, each = known; place >= to; place--) {
      if (place < target.length) target[place] = suffixes[each]!;
      first = each;
      each = prefixes[each]!;
    }
    const firstByte = suffixes[first]!;
    to = stop;
    if (isNew && to < target.length) target[to] = firstByte;
    if (isNew) to++;
    if (previous >= 0 && next < codes) {
      prefixes[next] = previous;
      suffixes[next] = firstByte;
      lengths[next] = lengths[previous]! + 1;
      next++;
      if (next + early === 1 << width && width < longestCode) width++;
    }
    previous = code;
  }
  return Math.min(to, target.length);
}
