import { breath } from '../pool/breathe.ts';

/** Value of each character of base64, 0 to 63. */
const sextets = new Uint8Array(256).fill(255);
for (const [value, char] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries()) {
  sextets[char.charCodeAt(0)] = value;
}

/** Value of each hexadecimal digit, 0 to 15. */
const hexDigits = new Uint8Array(256).fill(255);
for (const [value, char] of [...'0123456789abcdef'].entries()) {
  hexDigits[char.charCodeAt(0)] = hexDigits[char.toUpperCase().charCodeAt(0)] = value;
}

const code = (char: string) => char.charCodeAt(0);
const [backslash, percent, padding, unicode] = ['\\', '%', '=', 'u'].map(code) as [
  number,
  number,
  number,
  number,
];
/** Characters that JSON allows behind a backslash, for themselves or for white space. */
const escapes = new Map([
  [code('/'), code('/')],
  [code('n'), code('\n')],
  [code('r'), code('\r')],
  [code('t'), code('\t')],
]);
const isSpace = (char: number) => char === 0x20 || (char >= 0x09 && char <= 0x0d && char !== 0x0b);

/** Characters between two looks at the clock. */
const stretch = 262_144;

/**
 * Decodes base64 where it stands, as it comes in a URL inside JSON: characters may be escaped by either,
 * and white space is passed over.
 *
 * @param text is overwritten
 * @param signal gives it up; its reason is thrown
 * @returns the bytes, in the memory of the text; undefined where it is no base64
 */
export async function decodeBase64InPlace(
  text: Uint8Array,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  let to = 0;
  let bits = 0;
  let count = 0;
  let padded = 0;
  let pause = stretch;
  for (let at = 0; at < text.length; at++) {
    if (at >= pause) {
      await breath(signal);
      pause = at + stretch;
    }
    // Four plain characters, three bytes: almost all of a text.
    while (count % 4 === 0 && at + 3 < text.length && at < pause) {
      const a = sextets[text[at]!]!;
      const b = sextets[text[at + 1]!]!;
      const c = sextets[text[at + 2]!]!;
      const d = sextets[text[at + 3]!]!;
      if ((a | b | c | d) > 63 || padded > 0) break;
      text[to++] = (a << 2) | (b >> 4);
      text[to++] = (b << 4) | (c >> 2);
      text[to++] = (c << 6) | d;
      at += 4;
    }
    if (at >= text.length) break;
    let char = text[at]!;
    if (char === backslash) {
      const next = text[++at];
      const escaped = next === unicode ? hexadecimal(text, at + 1, 4) : escapes.get(next ?? 0);
      if (escaped === undefined || escaped > 127) return undefined;
      if (next === unicode) at += 4;
      char = escaped;
    }
    if (char === percent) {
      const escaped = hexadecimal(text, at + 1, 2);
      if (escaped === undefined) return undefined;
      at += 2;
      char = escaped;
    }
    const value = sextets[char]!;
    if (value === 255) {
      if (char === padding) padded++;
      else if (!isSpace(char)) return undefined;
      continue;
    }
    if (padded > 0) return undefined;
    bits = (bits << 6) | value;
    if (++count % 4 === 0) {
      text[to++] = bits >> 16;
      text[to++] = bits >> 8;
      text[to++] = bits;
      bits = 0;
    }
  }
  const rest = count % 4;
  if (rest === 1 || padded > 2 || (padded > 0 && (rest + padded) % 4 !== 0)) return undefined;
  if (rest === 2) text[to++] = bits >> 4;
  if (rest === 3) {
    text[to++] = bits >> 10;
    text[to++] = bits >> 2;
  }
  return text.subarray(0, to);
}

/** The number that so many hexadecimal digits at a place are. */
function hexadecimal(text: Uint8Array, at: number, digits: number): number | undefined {
  let number = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = hexDigits[text[i] ?? 0]!;
    if (digit > 15) return undefined;
    number = 16 * number + digit;
  }
  return number;
}
