import { inHex } from '../digest.ts';

/** Bytes of an id. */
const size = 16;

/** Random bytes for ids to come: many are asked for at a time, since asking takes longer than an id. */
const supply = new Uint8Array(256 * size);
let used = supply.length;

/** 128 random bits in hexadecimal. (`crypto.randomUUID` is missing in pages that came over plain HTTP.) */
export function randomId(): string {
  if (used === supply.length) {
    crypto.getRandomValues(supply);
    used = 0;
  }
  used += size;
  return inHex(supply.subarray(used - size, used));
}
