import { inHex } from '../digest.ts';

/** 128 random bits in hexadecimal. (`crypto.randomUUID` is missing in pages that came over plain HTTP.) */
export function randomId(): string {
  return inHex(crypto.getRandomValues(new Uint8Array(16)));
}
