const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const codes = Uint8Array.from(alphabet, (char) => char.charCodeAt(0));
/** The two characters of every 12 bits. */
const pairs = new Uint16Array(
  Uint8Array.from({ length: 2 << 12 }, (_, at) => codes[at % 2 ? (at >> 1) & 63 : at >> 7]!).buffer,
);
const padding = '='.charCodeAt(0);
const latin1 = new TextDecoder('latin1');

/** Standard base64 with padding (RFC 4648, section 4). */
export const encodeBase64 = (bytes: Uint8Array): string => latin1.decode(base64Bytes(bytes));

/** The characters of {@link encodeBase64}, a byte each. */
export function base64Bytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  const twos = new Uint16Array(out.buffer);
  let to = 0;
  let from = 0;
  for (; from + 2 < bytes.length; from += 3) {
    const triple = (bytes[from]! << 16) | (bytes[from + 1]! << 8) | bytes[from + 2]!;
    twos[to++] = pairs[triple >> 12]!;
    twos[to++] = pairs[triple & 0xfff]!;
  }
  const left = bytes.length - from;
  if (left > 0) {
    const triple = (bytes[from]! << 16) | ((bytes[from + 1] ?? 0) << 8);
    twos[to++] = pairs[triple >> 12]!;
    twos[to] = pairs[triple & 0xfff]!;
    out.fill(padding, out.length - (3 - left));
  }
  return out;
}

/** Bytes of a base64 text that is known to be one. */
export function decodeBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
