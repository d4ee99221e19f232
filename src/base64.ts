const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const codeOf = Uint8Array.from(alphabet, (char) => char.charCodeAt(0));
const padding = '='.charCodeAt(0);
const latin1 = new TextDecoder('latin1');

/** Standard base64 with padding (RFC 4648, section 4). */
export const encodeBase64 = (bytes: Uint8Array): string => latin1.decode(base64Bytes(bytes));

/** The characters of {@link encodeBase64}, a byte each. */
export function base64Bytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let to = 0;
  let from = 0;
  for (; from + 2 < bytes.length; from += 3) {
    const triple = (bytes[from]! << 16) | (bytes[from + 1]! << 8) | bytes[from + 2]!;
    out[to++] = codeOf[triple >> 18]!;
    out[to++] = codeOf[(triple >> 12) & 63]!;
    out[to++] = codeOf[(triple >> 6) & 63]!;
    out[to++] = codeOf[triple & 63]!;
  }
  const left = bytes.length - from;
  if (left > 0) {
    const triple = (bytes[from]! << 16) | ((bytes[from + 1] ?? 0) << 8);
    out[to++] = codeOf[triple >> 18]!;
    out[to++] = codeOf[(triple >> 12) & 63]!;
    out[to++] = left === 2 ? codeOf[(triple >> 6) & 63]! : padding;
    out[to] = padding;
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
