/** The SHA-256 of some bytes: 32 bytes. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

const digitsOfBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes as small hexadecimal digits, two for each. */
export function inHex(bytes: Uint8Array): string {
  let digits = '';
  for (let index = 0; index < bytes.length; index++) digits += digitsOfBytes[bytes[index]!]!;
  return digits;
}
