/** 64 bits of a text, in two halves. */
export type Hash = readonly [high: number, low: number];

/**
 * Hashes a text to 64 bits. Of a million texts two share theirs with a probability of 3e-8.
 *
 * Two lanes of 32 bits that multiply as FNV-1a does, the first feeding the second; mixed at the end
 * with the finaliser of MurmurHash3 (Austin Appleby, public domain). Every step can be undone, so that
 * nothing is lost on the way.
 */
export function hash64(text: string): Hash {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code ^ (a >>> 15), 0x5f356495);
  }
  const high = finalise(a ^ b);
  return [high, finalise(b ^ high)];
}

function finalise(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const leastSlots = 1_024;
/** Entries for each slot, at most: beyond, looking for one takes long. */
const fullest = 0.6;

/**
 * Numbers of 32 bits by texts, of which the hash alone is kept: 12 bytes a slot, 25 MB for a million.
 */
export class CompactMap {
  /** Of three numbers each: the two halves of the hash, and the value + 1; 0 is a free slot. */
  #slots = new Uint32Array(3 * leastSlots);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): number | undefined {
    const value = this.#slots[3 * this.#slotOf(hash64(key)) + 2]!;
    return value === 0 ? undefined : value - 1;
  }

  /** @param value 0 to 2^32 - 2 */
  set(key: string, value: number): void {
    const hash = hash64(key);
    const slot = this.#slotOf(hash);
    if (this.#slots[3 * slot + 2] === 0) this.#size++;
    this.#slots.set([...hash, value + 1], 3 * slot);
    if (this.#size > fullest * (this.#slots.length / 3)) this.#grow();
  }

  /** Where a hash is, or the free slot where it would go. */
  #slotOf([high, low]: Hash): number {
    const slots = this.#slots;
    const count = slots.length / 3;
    let slot = low & (count - 1);
    while (slots[3 * slot + 2] !== 0 && !(slots[3 * slot] === high && slots[3 * slot + 1] === low)) {
      slot = (slot + 1) & (count - 1);
    }
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 3) {
      if (old[at + 2] === 0) continue;
      const slot = this.#slotOf([old[at]!, old[at + 1]!]);
      this.#slots.set(old.subarray(at, at + 3), 3 * slot);
    }
  }
}
