/** Numbers from 0 to below 1. */
export type Random = () => number;

/** Values at which lengths, counts and signs go wrong. */
const telling = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff];

/** A whole number from 0 to below `limit`. */
export const below = (random: Random, limit: number) => Math.floor(random() * limit);

export const pick = <Item>(random: Random, items: readonly Item[]) => items[below(random, items.length)]!;

/** A few changes at random places: of bytes, bits, the length, and whole stretches. */
export function mutate(random: Random, original: Uint8Array): Uint8Array {
  let bytes: Uint8Array = original.slice();
  for (let left = 1 + below(random, 4); left > 0 && bytes.length > 0; left--) {
    bytes = pick(random, mutations)(random, bytes);
  }
  return bytes;
}

type Mutation = (random: Random, bytes: Uint8Array) => Uint8Array;

const mutations: readonly Mutation[] = [
  (random, bytes) => replaced(bytes, place(random, bytes), [pick(random, telling)]),
  (random, bytes) => replaced(bytes, place(random, bytes), [below(random, 256)]),
  (random, bytes) => {
    const at = place(random, bytes);
    return replaced(bytes, at, [bytes[at]! ^ (1 << below(random, 8))]);
  },
  // A length or a size of two or four bytes.
  (random, bytes) => replaced(bytes, place(random, bytes), [0xff, 0xff, 0xff, 0xff]),
  (random, bytes) => bytes.slice(0, below(random, bytes.length)),
  (random, bytes) => {
    const [from, to] = stretch(random, bytes);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (random, bytes) => {
    const [from, to] = stretch(random, bytes);
    return joined(bytes.subarray(0, to), bytes.subarray(from));
  },
  (random, bytes) => {
    const [from, to] = stretch(random, bytes);
    return bytes.map((byte, at) => (at >= from && at < to ? below(random, 256) : byte));
  },
];

/** A place in a file: headers, at its start, as often as all the rest. */
function place(random: Random, bytes: Uint8Array): number {
  return below(random, random() < 0.5 ? Math.min(bytes.length, 1_000) : bytes.length);
}

function stretch(random: Random, bytes: Uint8Array): [from: number, to: number] {
  const from = place(random, bytes);
  return [from, Math.min(bytes.length, from + 1 + below(random, 300))];
}

function replaced(bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array {
  const changed = bytes.slice();
  changed.set(values.slice(0, changed.length - at), at);
  return changed;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
