import { onWhite } from '../without-alpha.ts';
import type { BmpHeader } from './header.ts';

/** A part of a pixel: its lowest bit, its mask there, and the factor that makes it 0 to 255. */
interface Field {
  readonly shift: number;
  readonly mask: number;
  readonly scale: number;
}

export interface Masks {
  readonly colours: readonly [Field, Field, Field];
  /** Absent where pixels are opaque. */
  readonly alpha: Field | undefined;
}

const usual = {
  16: [0x7c00, 0x03e0, 0x001f, 0],
  32: [0xff0000, 0x00ff00, 0x0000ff, 0],
} as const;

/** The masks of pixels of 16 or 32 bits. Alpha that is 0 everywhere was never meant, as browsers see it too. */
export function masksOf(bytes: Uint8Array, header: BmpHeader): Masks {
  const [red, green, blue, alpha] = header.masks ?? usual[header.bits as 16 | 32];
  const field = alpha === 0 ? undefined : fieldOf(alpha);
  return {
    colours: [fieldOf(red), fieldOf(green), fieldOf(blue)],
    alpha: field && hasAlpha(bytes, header, field) ? field : undefined,
  };
}

function fieldOf(mask: number): Field {
  if (mask === 0) return { shift: 0, mask: 0, scale: 0 };
  const shift = 31 - Math.clz32(mask & -mask);
  const width = 32 - Math.clz32(mask >>> shift);
  const largest = 2 ** width - 1;
  return { shift, mask: (mask >>> shift) >>> 0, scale: 255 / largest };
}

function hasAlpha(
  bytes: Uint8Array,
  { pixels, bits, width, height }: BmpHeader,
  { shift, mask }: Field,
): boolean {
  const step = bits / 8;
  const rowBytes = 4 * Math.ceil((width * bits) / 32);
  for (let y = 0; y < height; y++) {
    const row = pixels + y * rowBytes;
    for (let at = row; at < row + width * step && at + step <= bytes.length; at += step) {
      if (((read(bytes, at, bits) >>> shift) & mask) !== 0) return true;
    }
  }
  return false;
}

const read = (bytes: Uint8Array, at: number, bits: number): number =>
  bits === 16
    ? bytes[at]! | (bytes[at + 1]! << 8)
    : bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

/** Writes a row of such pixels as RGB, on white where they are transparent. */
export function unmask(
  bytes: Uint8Array,
  from: number,
  bits: number,
  { colours, alpha }: Masks,
  target: Uint8Array,
  to: number,
  width: number,
): void {
  const step = bits / 8;
  for (let x = 0; x < width; x++) {
    const pixel = read(bytes, from + x * step, bits);
    const opacity = alpha ? ((pixel >>> alpha.shift) & alpha.mask) * alpha.scale : 255;
    for (let colour = 0; colour < 3; colour++) {
      const { shift, mask, scale } = colours[colour]!;
      const value = (((pixel >>> shift) & mask) >>> 0) * scale;
      target[to + 3 * x + colour] = onWhite(value, opacity);
    }
  }
}
