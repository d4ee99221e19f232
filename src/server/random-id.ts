/** Bytes of an id. */
const size = 16;

/** Random bytes for ids to come: many are asked for at a time, since asking takes longer than an id. */
const supply = new Uint8Array(256 * size);
let used = supply.length;

const hexadecimal = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** 128 random bits in hexadecimal. (`crypto.randomUUID` is missing in pages that came over plain HTTP.) */
export function randomId(): string {
  if (used === supply.length) {
    crypto.getRandomValues(supply);
    used = 0;
  }
  let id = '';
  for (const end = used + size; used < end; used++) id += hexadecimal[supply[used]!]!;
  return id;
}
